import { NextResponse } from 'next/server'
import { withSession } from './lib/session.js'

export const proxy = withSession((session, request) => {
  session.items = ['from the proxy']
  const response = NextResponse.rewrite(new URL('/', request.url))
  response.cookies.set('theme', 'dark')
  return response
})

export const config = { matcher: '/begun' }
