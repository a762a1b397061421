// biome-ignore lint/suspicious/noExplicitAny: what a class is made with does not matter here
type Class = new (...args: any[]) => object

/**
 * A class that can be called without `new`, too. Stores that were written before there were classes derive by
 * `Store.call(this)` and `util.inherits`, which a class of today refuses. `begin` is what its constructor does.
 */
export function callable<Base extends Class>(
  name: string,
  methods: Base,
  begin: (this: InstanceType<Base>) => void,
): Base {
  function made(this: InstanceType<Base>): void {
    begin.call(this)
  }
  made.prototype = methods.prototype
  Object.setPrototypeOf(made, Object.getPrototypeOf(methods))
  Object.defineProperty(made, 'name', { value: name })
  Object.defineProperty(methods.prototype, 'constructor', { value: made, writable: true, configurable: true })
  return made as unknown as Base
}
