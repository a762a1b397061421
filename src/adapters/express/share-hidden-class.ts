const FIRST = Symbol('untorn.first')
const LAST = Symbol('untorn.last')

/**
 * Express changes the prototype of every request and response. V8 then gives each of them a hidden class of its own,
 * and another one with every property that is added: microseconds each time, here and in all code behind. An object
 * that loses a property which was not its last one becomes a dictionary, and those have one class in common. It is
 * the same object for everybody, and Express as a whole is faster with it.
 */
export function shareHiddenClass(object: object): void {
  Reflect.set(object, FIRST, undefined)
  Reflect.set(object, LAST, undefined)
  Reflect.deleteProperty(object, FIRST)
  Reflect.deleteProperty(object, LAST)
}
