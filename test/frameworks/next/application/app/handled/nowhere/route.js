import { notFound } from 'next/navigation'
import { withSession } from '../../../lib/session.js'

export const GET = withSession((session) => {
  session.items = ['nowhere']
  notFound()
})
