// The cases of HTTP, over the server that a runtime has of its own: `http.js`.
import { sessions } from '../../../dist/fetch.js'
import { adapterConformance } from '../../../dist/testing.js'
import { answer } from './cases.js'
import { listen } from './server.js'

await answer(
  adapterConformance({
    // Beside others on a busy machine.
    timeout: 45_000,
    serve({ options, trustProxy, page }) {
      const app = sessions({ ...options, trustProxy })
      return listen(async (request) => {
        const { session, commit, due } = await app.open(request)
        const { pathname, search } = new URL(request.url)
        const { method } = request
        try {
          const { status, headers, body } = await page(session, { method, url: pathname + search })
          return await commit(new Response(bodyOf(body), { status, headers }))
        } catch (error) {
          await commit().catch(() => {})
          return new Response('failed', { status: error?.status ?? 500, headers: due() })
        }
      })
    },
  }),
)

function bodyOf(body) {
  if (body === undefined || typeof body === 'string') return body ?? null
  const texts = body[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await texts.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
  })
}
