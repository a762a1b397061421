import type { Request } from 'express'
import { linesOf, pieces } from '../shop/cart.ts'
import { type Html, html } from './html.ts'

export type ShopSession = Request['session']

/** At the head of the shop's pages: who is signed in, and what they have. */
export function corner({ owner, cart = {} }: ShopSession, here?: '/devices'): Html {
  return html`<div class="corner">
    ${
      owner !== undefined &&
      html`<span class="who">Signed in as <bdi>${owner}</bdi></span>
    <a href="/devices"${here !== undefined && html` aria-current="page"`}>Your devices</a>`
    }
    <a href="/#cart">Cart (${pieces(linesOf(cart))})</a>
    ${owner !== undefined && html`<form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>`}
  </div>`
}

interface NameForm {
  button: string
  hint: string
  /** Without one the form goes to the address of the page itself. */
  action?: string
}

export function nameForm({ button, hint, action }: NameForm): Html {
  return html`
  <form class="sign" method="post"${action !== undefined && html` action="${action}"`}>
    <label for="name">Your name</label>
    <input id="name" name="name" required maxlength="40" autocomplete="nickname" aria-describedby="which-name">
    <button>${button}</button>
    <span id="which-name" class="hint">${hint}</span>
  </form>`
}

export function noticeLine(notice: string | undefined): Html | undefined {
  return notice === undefined ? undefined : html`<p class="notice" role="status">${notice}</p>`
}
