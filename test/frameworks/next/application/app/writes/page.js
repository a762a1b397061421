import { getSession, readSession } from '../../lib/session.js'

export default async function Page({ searchParams }) {
  const { by } = await searchParams
  try {
    if (by === 'getSession') await getSession()
    const session = await readSession()
    if (by === 'assignment') session.items = ['none']
    if (by === 'save') await session.save()
    if (by === 'login') await session.login('ada')
    return <p>done</p>
  } catch (error) {
    return <p>{error.code}</p>
  }
}
