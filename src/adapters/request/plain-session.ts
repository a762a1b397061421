import { inspect } from 'node:util'
import { MisuseError } from '../../errors.ts'
import type { AnyData, KeyOf } from '../../values/data.ts'
import { COOKIE_SETTERS } from './session-cookie.ts'
import { SessionMethods } from './session-methods.ts'

/**
 * `req.session`: values are plain properties (`req.session.views = 1`), and beside them stand {@link SessionMethods},
 * which `Object.keys`, `JSON.stringify` and spreading don't see.
 */
export type PlainSession<Data extends object = AnyData> = SessionMethods<Data> & PlainValues<Data>

/** The values that are properties: one with a name of the session's own is reached with `get` and `set` alone. */
export type PlainValues<Data extends object> = {
  [Key in keyof Data as Key extends keyof SessionMethods ? never : Key]?: Data[Key]
}

/**
 * {@link PlainSession} for values that are declared; where one has a name of the session's own, a text that says so, so that
 * every use of it is an error of the compiler.
 */
export type DeclaredSession<Data extends object> = [OwnName<Data>] extends [never]
  ? PlainSession<Data>
  : `SessionData declares "${OwnName<Data>}", which is the session's own: call the value something else`

/** The names among those of the values that the session itself has. */
type OwnName<Data extends object> = Extract<keyof Data, Extract<keyof SessionMethods, string>>

// What the proxy stands for; the methods are bound to it, since they keep to themselves what they work on.
type Target = SessionMethods & { [property: string | symbol]: unknown }

/** Everything that the session has under a name of its own: methods and getters. */
const MEMBERS = new Map<PropertyKey, PropertyDescriptor>(
  chainOf(SessionMethods.prototype).flatMap((prototype) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(([name]) => name !== 'constructor'),
  ),
)

// Of every object, but a way to change all objects where a name comes from outside: no value, no such property.
const NEVER_INHERITED: ReadonlySet<PropertyKey> = new Set(['__proto__', 'constructor'])

/** A view of a session with its values as properties. */
export function plainSession<Data extends object>(session: SessionMethods<Data>): PlainSession<Data> {
  return new Proxy(session as unknown as Target, PLAIN) as unknown as PlainSession<Data>
}

/** The same of a session that is opened when something is first asked of it: for a host that hands over a value, and no getter. */
export function openedWhenAsked<Data extends object>(open: () => SessionMethods<Data>): PlainSession<Data> {
  return new Proxy(
    new Unopened(open as () => unknown as () => Target),
    UNOPENED,
  ) as unknown as PlainSession<Data>
}

const PLAIN: ProxyHandler<Target> = {
  get(target, name) {
    if (MEMBERS.has(name) || typeof name === 'symbol') return ofTarget(target, name)
    const value: unknown = target.get(name)
    if (value !== undefined || NEVER_INHERITED.has(name)) return value
    return ofTarget(target, name)
  },

  set(target, name, value) {
    target.set(valueName(name), value)
    return true
  },

  has(target, name) {
    if (typeof name === 'string' && target.has(name)) return true
    return !NEVER_INHERITED.has(name) && Reflect.has(target, name)
  },

  deleteProperty(target, name) {
    target.delete(valueName(name))
    return true
  },

  ownKeys(target) {
    return target.keys().filter((name) => !MEMBERS.has(name))
  },

  getOwnPropertyDescriptor(target, name) {
    if (typeof name === 'symbol' || MEMBERS.has(name) || !target.has(name)) return undefined
    return { value: target.get(name), writable: true, enumerable: true, configurable: true }
  },

  defineProperty(target, name, descriptor) {
    if (!('value' in descriptor))
      throw new MisuseError(`"${String(name)}" can't be stored: it is no plain value.`)
    target.set(valueName(name), descriptor.value)
    return true
  },

  // Plain also for those that ask what it is: a deep comparison, a clone.
  getPrototypeOf: () => Object.prototype,
  setPrototypeOf: () => false,
  preventExtensions: () => false,
}

class Unopened {
  readonly open: () => Target

  constructor(open: () => Target) {
    this.open = open
  }

  // What inspects a proxy is shown what it stands for.
  readonly [inspect.custom] = (): unknown => this.open()
}

type Trap = (target: Target, ...args: unknown[]) => unknown

const UNOPENED: ProxyHandler<Unopened> = Object.fromEntries(
  Object.entries(PLAIN as Record<string, Trap>).map(([name, trap]) => [
    name,
    ({ open }: Unopened, ...args: unknown[]) => trap(open(), ...args),
  ]),
)

/** What code outside calls, by a name or an assignment, when it changes a session. */
export const ENTRANCES: readonly ((...args: never[]) => unknown)[] = [
  ...Object.values(UNOPENED),
  ...Object.values(PLAIN),
  ...[...MEMBERS.values()].map(({ value }) => value),
  ...COOKIE_SETTERS,
].filter((entrance) => typeof entrance === 'function')

/** A prototype behind those that it inherits from, but for that of every object. */
function chainOf(prototype: object): object[] {
  const above: object = Object.getPrototypeOf(prototype)
  return above === Object.prototype ? [prototype] : [...chainOf(above), prototype]
}

function ofTarget(target: Target, name: string | symbol): unknown {
  const member = Reflect.get(target, name, target)
  return MEMBERS.has(name) && typeof member === 'function' ? member.bind(target) : member
}

function valueName(name: string | symbol): KeyOf<AnyData> {
  if (typeof name === 'symbol')
    throw new MisuseError(`A session has no place for ${String(name)}: only for texts.`)
  if (!MEMBERS.has(name)) return name
  throw new MisuseError(
    `\`req.session.${name}\` belongs to the session itself and can't be assigned or deleted. ` +
      `For a value of this name use \`req.session.set('${name}', value)\` and \`req.session.get('${name}')\`.`,
  )
}
