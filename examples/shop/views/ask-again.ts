import { html } from './html.ts'
import type { Page } from './layout.ts'
import { corner, nameForm, noticeLine, type ShopSession } from './visitor.ts'

/** Asks who it is before a step, at the address of the step. `wrong`: another name was given. */
export function askAgainPage(session: ShopSession, wrong: boolean): Page {
  const title = wrong ? 'That is not the name you signed in with.' : 'Is it still you?'
  return {
    title: `${title} – The shop`,
    corner: corner(session),
    main: html`
      <h1>Is it still you?</h1>
      ${wrong && noticeLine('That is not the name you signed in with.')}
      <p>You signed in a while ago, and somebody else could be sitting here now. Please give the name again that you signed
        in with.</p>
      ${nameForm({ button: 'Go on', hint: 'The one above: this is an example. A real shop asks for a password.' })}
      <p><a href="/">Leave it, back to the shop</a></p>`,
  }
}
