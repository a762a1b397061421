import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { SignInRevokedError } from 'untorn'
import { html } from './html.ts'
import { sendPage } from './layout.ts'

export function sendError(res: Response, status: number, message: string): void {
  const main = html`<h1>${message}</h1><p><a href="/">Back to the shop</a></p>`
  sendPage(res.status(status), { title: message, main })
}

export const notFound: RequestHandler = (_req, res) => sendError(res, 404, 'There is no such page.')

/** The visitor gets a plain sentence; what happened goes to the terminal. */
export const failed: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  const status = statusOf(error)
  if (status >= 500) console.error(error)
  if (res.headersSent) return next(error)
  sendError(res, status, sentence(error, status))
}

function sentence(error: unknown, status: number): string {
  if (error instanceof SignInRevokedError)
    return 'You were signed out everywhere just then, here too. Please sign in again.'
  return status < 500 ? 'This request can’t be read.' : 'Something went wrong here. Please try again.'
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}
