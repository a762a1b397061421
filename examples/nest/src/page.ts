// The one page of the stall. Whatever comes from a visitor is text in it.
import { ITEMS, type Item, type Stall, TABS } from './stall.js'

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const button = (action: string, label: string) =>
  `<form method="post" action="${action}"><button>${escaped(label)}</button></form>`

/** `visit`: what is in the session; `notices`: what is to be shown once. */
export function page(
  { user, cart = {}, notes = {} }: Partial<Omit<Stall, 'notice'>> & { user?: string | undefined },
  notices: readonly string[],
): string {
  const items = (Object.keys(ITEMS) as Item[]).map(
    (item) =>
      `<li>${ITEMS[item]}: ${cart[item] ?? 0} in your cart ${button(`/cart/${item}`, `Add ${ITEMS[item]}`)}</li>`,
  )
  const tabs = TABS.map(
    (tab) => `<li>Tab ${tab}: ${escaped(notes[tab] ?? 'nothing yet')}
      <form method="post" action="/notes/${tab}"><input name="text" aria-label="Note of tab ${tab}"><button>Save</button></form></li>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Stall</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif }
  body { margin: 2rem auto; max-width: 36rem; padding: 0 1rem }
  form { display: inline } li { margin: 0.5rem 0 }
</style>
<h1>Stall</h1>
${notices.map((notice) => `<p role="status">${escaped(notice)}</p>`).join('')}
${
  user === undefined
    ? '<form method="post" action="/sign-in"><label>Name <input name="name" required maxlength="40"></label> <button>Sign in</button></form>'
    : `<div>Signed in as ${escaped(user)}. ${button('/sign-out', 'Sign out')}</div>`
}
<h2>Items</h2><ul>${items.join('')}</ul>
<h2>Two tabs</h2>
<p>Saving takes a second. Save in both at once, in two tabs of your browser: both stay.</p>
<ul>${tabs.join('')}</ul>
</html>`
}
