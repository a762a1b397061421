import { type NextRequest, NextResponse } from 'next/server'

// Next.js runs no action of another site's form, but answers it as an error of the server; and it looks at actions alone.
export function proxy({ method, headers }: NextRequest) {
  const isRead = method === 'GET' || method === 'HEAD'
  const site = headers.get('sec-fetch-site') ?? 'same-origin'
  if (!isRead && site !== 'same-origin') return new NextResponse('A form of another site.', { status: 403 })
}
