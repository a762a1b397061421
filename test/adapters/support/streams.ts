import { Readable } from 'node:stream'

/** Streams that say when nobody reads them any more. */
export interface Fed {
  isLetGo: boolean
  readable: Readable
  web: ReadableStream<Uint8Array>
  response(): Response
}

/** Bodies that never end. */
export function fed(): Fed {
  const letGo = () => {
    made.isLetGo = true
  }
  const web = new ReadableStream<Uint8Array>({ cancel: letGo })
  const readable = new Readable({
    read() {},
    destroy(error, done) {
      letGo()
      done(error)
    },
  })
  const made: Fed = { isLetGo: false, readable, web, response: () => new Response(web) }
  return made
}
