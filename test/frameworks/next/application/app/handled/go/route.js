import { redirect } from 'next/navigation'
import { withSession } from '../../../lib/session.js'

export const GET = withSession((session) => {
  session.items = ['gone']
  redirect('/')
})
