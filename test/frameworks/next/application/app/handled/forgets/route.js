import { getSession } from '../../../lib/session.js'

export async function GET() {
  const session = await getSession()
  session.items = ['forgotten']
  return new Response('ok')
}
