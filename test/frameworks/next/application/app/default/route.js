// Nothing asks for it: a build alone must not make its directory.
import { sessions } from 'untorn/next'

const { withSession } = sessions()

export const GET = withSession(() => new Response('asked'))
