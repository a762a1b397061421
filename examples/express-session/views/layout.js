import { html } from './html.js'

/** Sends a page that no cache keeps: after signing out, the Back button asks again and finds nothing. */
export function sendPage(res, page) {
  res
    .set('Cache-Control', 'no-store')
    .type('html')
    .send(layout({ startedBy: res.locals.startedBy, ...page }).text)
}

const pages = [
  ['/', 'The stall'],
  ['/notes', 'Two tabs'],
  ['/race', 'The race'],
]

/** `here`: where in the navigation the page stands. `startedBy`: the file that chose the sessions; the race has those of all. */
function layout({ title, here, startedBy, session, main }) {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="icon" href="/public/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/public/style.css">
  <link rel="stylesheet" href="/public/shop.css">
  <link rel="stylesheet" href="/public/example.css">
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header class="top">
    <div class="wide">
      <nav aria-label="Pages">${pages.map(([to, text]) => html`<a href="${to}"${to === here && html` aria-current="page"`}>${text}</a>`)}</nav>
      ${session?.user && corner(session)}
    </div>
  </header>
  <main id="main" class="wide" tabindex="-1">
    ${main}
  </main>
  <footer class="wide">${startedBy ? html`Started by <code>${startedBy}</code>.` : 'An example of untorn.'}</footer>
</body>
</html>
`
}

function corner({ user }) {
  return html`<div class="corner">
        <span class="who">Signed in as <bdi>${user}</bdi></span>
        <form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>
      </div>`
}

export function noticeLine(notice) {
  return notice && html`<p class="notice" role="status">${notice}</p>`
}
