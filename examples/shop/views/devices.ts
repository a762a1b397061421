import type { Device } from 'untorn'
import { type Html, html } from './html.ts'
import type { Page } from './layout.ts'
import { moment } from './moment.ts'
import { corner, noticeLine, type ShopSession } from './visitor.ts'

export function devicesPage(
  session: ShopSession,
  devices: readonly Device[],
  notice: string | undefined,
): Page {
  const others = devices.filter(({ current }) => !current).length
  return {
    title: notice ? `${notice} – Your devices` : 'Your devices',
    head: html`<link rel="stylesheet" href="/public/shop.css">`,
    corner: corner(session, '/devices'),
    main: html`
      <h1>Your devices</h1>
      ${noticeLine(notice)}
      <p>These browsers are signed in with your name. Is one of them not yours? Sign it out: from its next page on it is a
        stranger’s.</p>
      <ul class="devices">${devices.map(deviceCard)}</ul>
      <div class="acts">
        ${others > 0 && html`<form method="post" action="/devices/sign-out-others"><button>Sign out everywhere else</button></form>`}
        <form method="post" action="/devices/sign-out-all"><button class="quiet">Sign out everywhere, here too</button></form>
      </div>
      <p class="hint">“Last used” may be up to five hours old: not each page that somebody looks at is written down. What the
        browser is called is what it says itself.</p>`,
  }
}

function deviceCard({ handle, createdAt, lastUsedAt, current, about }: Device): Html {
  const name = typeof about === 'string' ? about : 'A browser'
  return html`
    <li class="panel">
      <h2>${name}</h2>
      <p>Signed in ${moment(createdAt)}<br>Last used ${moment(lastUsedAt)}</p>
      ${
        current
          ? html`<p class="here">This browser</p>`
          : html`<form method="post" action="/devices/sign-out/${encodeURIComponent(handle)}">
            <button class="quiet">Sign out there<span class="unseen">: ${name}, signed in ${moment(createdAt)}</span></button>
          </form>`
      }
    </li>`
}
