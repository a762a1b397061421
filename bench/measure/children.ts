import { type ChildProcess, fork, type Serializable, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Another process that answers questions, one at a time. It ends with this one at the latest, however that ends. */
export interface Child<Question, Answer> {
  /** `told`: how far it has come, from 0 to 1, as often as it says so. */
  ask(question: Question, told?: (part: number) => void): Promise<Answer>
  stop(): Promise<void>
}

type Reply<Answer> = { answer: Answer } | { error: string } | { part: number }

const running = new Set<ChildProcess>()
// Before the listeners that remove the files which the children write to.
process.prependListener('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A child that runs a script of ours, which calls {@link answerWith}. */
export function forked<Question, Answer>(script: URL): Child<Question, Answer> {
  const child = owned(fork(script))
  const { settle, asked } = questions<Answer>(child)
  child.on('message', (reply) => settle(reply as Reply<Answer>))
  return {
    ask: (question: Question) => asked(() => child.send(question as Serializable)),
    stop: () => stopped(child),
  }
}

/** A child of any language: a question is a line on its standard input, the answer one on its standard output. */
export function spawned(command: string, args: readonly string[]): Child<string, string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  owned(child)
  const { settle, asked } = questions<string>(child)
  createInterface(child.stdout).on('line', (answer) => settle({ answer }))
  return { ask: (question) => asked(() => child.stdin.write(`${question}\n`)), stop: () => stopped(child) }
}

/** The other end of {@link forked}. */
export function answerWith<Question, Answer>(
  answer: (question: Question, tell: (part: number) => void) => Answer | Promise<Answer>,
): void {
  const reply = (reply: Reply<Answer>): void => void process.send?.(reply)
  process.on('message', (question: Question) => {
    Promise.resolve(question)
      .then((question) => answer(question, (part) => reply({ part })))
      .then(
        (answer) => reply({ answer }),
        (error: unknown) =>
          reply({ error: error instanceof Error ? (error.stack ?? error.message) : `${error}` }),
      )
  })
  process.once('disconnect', () => process.exit())
}

function owned(child: ChildProcess): ChildProcess {
  running.add(child)
  const over = (): void => void running.delete(child)
  return child.once('exit', over).once('error', over)
}

async function stopped(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return
  child.kill()
  await once(child, 'exit')
}

interface Waiting<Answer> {
  told?: ((part: number) => void) | undefined
  resolve(answer: Answer): void
  reject(error: Error): void
}

/** One question at a time; a child that ends without an answer is an error. */
function questions<Answer>(child: ChildProcess): {
  settle(reply: Reply<Answer>): void
  asked(send: () => void, told?: (part: number) => void): Promise<Answer>
} {
  let waiting: Waiting<Answer> | undefined
  let ended: Error | undefined
  const settle = (reply: Reply<Answer>): void => {
    const asker = waiting
    if ('part' in reply) {
      asker?.told?.(reply.part)
      return
    }
    waiting = undefined
    if ('error' in reply) asker?.reject(new Error(`In a child: ${reply.error}`))
    else asker?.resolve(reply.answer)
  }
  const end = (why: string): void => {
    ended = new Error(`A child ended (${why}).`)
    waiting?.reject(ended)
  }
  child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
  child.once('error', (error) => end(error.message))
  const asked = (send: () => void, told?: (part: number) => void): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended)
      if (waiting) return reject(new Error('A child is asked one question at a time.'))
      waiting = { resolve, reject, told }
      send()
    })
  return { settle, asked }
}
