import type { Response } from 'express'
import { type Html, html } from './html.ts'

export interface Page {
  /** The window's title. A screen reader says it first, so an outcome belongs at its beginning. */
  title: string
  /** Where in the navigation the page stands. */
  here?: '/' | '/race'
  /** Beside the navigation: who is signed in. */
  corner?: Html
  main: Html
  /** The page's own style sheet and scripts. */
  head?: Html
}

/** Sends a page that no cache keeps: after signing out, the Back button asks again and finds nothing. */
export function sendPage(res: Response, page: Page): void {
  res.set('Cache-Control', 'no-store').type('html').send(layout(page).text)
}

function layout({ title, here, corner, main, head }: Page): Html {
  const link = (to: '/' | '/race', text: string) =>
    html`<a href="${to}"${to === here ? html` aria-current="page"` : ''}>${text}</a>`
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="icon" href="/public/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/public/style.css">
  ${head}
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header class="top">
    <div class="wide">
      <nav aria-label="Pages">${link('/', 'The shop')}${link('/race', 'The race')}</nav>
      ${corner}
    </div>
  </header>
  <main id="main" class="wide" tabindex="-1">
    ${main}
  </main>
  <footer class="wide">An example of untorn: HTTP sessions in files.</footer>
</body>
</html>
`
}
