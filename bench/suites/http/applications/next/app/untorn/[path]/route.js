import { sessions } from 'untorn/next'
import { answerTo } from '../../../lib.js'

const { withSession } = sessions({ store: () => globalThis.untornBench.store })

const answer = withSession((session, _request, context) => answerTo(context, () => session))

export { answer as GET, answer as POST }
