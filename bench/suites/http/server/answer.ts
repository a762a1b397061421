import { handlers, mark, marks, noSession, type SampleSession, visit } from './handlers.ts'

/** For frameworks without a router: what a request is answered, whatever the session is kept in. */
export function answerTo(path: string, session: () => object): object | Promise<object> {
  if (path === '/visit') return visit()
  if (path === '/marks') return marks(session())
  if (path.startsWith('/mark-')) return mark(session(), path.slice(1))
  return handlers[path as keyof typeof handlers](session() as SampleSession)
}

/** What those without sessions use. */
export const none = (): object => noSession
