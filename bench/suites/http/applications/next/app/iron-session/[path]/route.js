import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'
import { answerTo } from '../../../lib.js'

const options = {
  password: 'of the bench, which is long enough',
  cookieName: 'sid',
  cookieOptions: { secure: false },
}

/** As its documentation has it; saved where something has changed. */
async function answer(request, context) {
  const session = await getIronSession(await cookies(), options)
  const response = await answerTo(context, () => session)
  if (request.method === 'POST') await session.save()
  return response
}

export { answer as GET, answer as POST }
