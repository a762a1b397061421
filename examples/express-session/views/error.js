import { html } from './html.js'
import { sendPage } from './layout.js'

export function notFound(_req, res) {
  sendError(res, 404, 'There is no such page.')
}

/** The visitor gets a plain sentence; what happened goes to the terminal. */
export function failed(error, _req, res, next) {
  const status = error?.status >= 400 && error?.status < 500 ? error.status : 500
  if (status === 500) console.error(error)
  if (res.headersSent) return next(error)
  const unread = 'This request can’t be read.'
  sendError(res, status, status === 500 ? 'Something went wrong here. Please try again.' : unread)
}

function sendError(res, status, message) {
  const main = html`<h1>${message}</h1><p><a href="/">Back to the stall</a></p>`
  sendPage(res.status(status), { title: message, main })
}
