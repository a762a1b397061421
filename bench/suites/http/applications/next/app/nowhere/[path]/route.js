import { answerTo } from '../../../lib.js'

// Asked for, so that it is answered anew each time.
export const dynamic = 'force-dynamic'

const answer = (_request, context) => answerTo(context, () => globalThis.untornBench.none)

export { answer as GET, answer as POST }
