import { asText } from '../../options/checks.ts'

/** What the handlers of a host call the session of a request. */
export interface SessionName {
  /** The property, or the variable, that shows it: `session`, or the option `as`. */
  readonly as: string
  /** The same, of another one than `session`. */
  readonly own: string | undefined
  /** As handlers write it: `ctx.session`. */
  readonly written: string
  /** As they write one of another name, `ctx.name`; `undefined`: the host has no option `as`. */
  readonly other: string | undefined
}

/** `of`: what shows it, `ctx`; nothing where it stands alone. `as`: the option. Throws `InvalidOptionError`. */
export function sessionName(of: string, as: unknown = 'session'): SessionName {
  const name = asText('as', as)
  const own = name === 'session' ? undefined : name
  const behind = of === '' ? '' : `${of}.`
  return { as: name, own, written: `${behind}${name}`, other: `${behind}name` }
}

/** The same of a host that has no option `as`. */
export function onlyName(written: string): SessionName {
  return { as: 'session', own: undefined, written, other: undefined }
}
