// Names that a view has for the library itself; the same symbols in every copy of this code (`across-copies.ts`).

/** What is behind a view. */
export const STATE = Symbol.for('untorn.state')

/** Called before a value is changed: whoever watches the request may find that it is too late for it. */
export const BEFORE_CHANGE = Symbol.for('untorn.before-change')
