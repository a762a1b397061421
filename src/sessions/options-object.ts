import { InvalidOptionError } from '../errors.ts'
import { asNamed } from '../options/checks.ts'

/** The options of `createSessions`, as they were given. Names what people give in their place by mistake. */
export function optionsObject(given: unknown): Record<string, unknown> {
  const options = asNamed('options', given)
  if (hasMethods(options, ['create', 'load', 'save'])) {
    throw new InvalidOptionError(
      'options',
      'a store is one of the options: give `{ store }`, not the store itself',
    )
  }
  if (hasMethods(options, ['open', 'report'])) {
    throw new InvalidOptionError(
      'options',
      'this is what `createSessions` returned; an adapter takes it as `{ sessions }`',
    )
  }
  return options
}

function hasMethods(object: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every((name) => typeof object[name] === 'function')
}
