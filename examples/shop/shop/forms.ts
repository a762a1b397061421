import type { Request, Response } from 'express'

/** What a form says; `''` if it doesn't. */
export function field(req: Request, name: string): string {
  const value: unknown = (req.body as Record<string, unknown> | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}

/** The name of whoever fills in a form. */
export function nameIn(req: Request): string {
  return [...field(req, 'name').trim()].slice(0, 40).join('')
}

/** After every form a redirect, so that reloading the page sends nothing twice. The cookie is set with it. */
export function back(req: Request, res: Response, notice: string, to = '/'): void {
  req.session.flash('notice', notice)
  res.redirect(303, to)
}

/** What there is to be shown once: `flashes` gives each message to exactly one request, however many tabs are open. */
export async function noticeFor(req: Request): Promise<string | undefined> {
  return (await req.session.flashes('notice')).join(' ') || undefined
}
