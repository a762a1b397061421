import http from 'node:http'
import { type Answer, ask, type Question } from './server.ts'

/** A browser as far as a session goes: keeps cookies and follows redirects at once. */
export class Visitor {
  readonly port: number
  readonly cookies = new Map<string, string>()

  constructor(port: number) {
    this.port = port
  }

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async get(path = '/', question: Question = {}): Promise<Answer> {
    const cookie = this.cookie === '' ? {} : { cookie: this.cookie }
    const answer = await ask(this.port, { ...question, path, headers: { ...cookie, ...question.headers } })
    this.keep(answer)
    const { location } = answer.headers
    return location === undefined ? answer : this.get(location, { headers: question.headers ?? {} })
  }

  async json(path = '/', question: Question = {}): Promise<unknown> {
    return JSON.parse((await this.get(path, question)).text)
  }

  /** Asks for a page, and hangs up once that is under way. */
  async leave(path: string, asked: Promise<void>): Promise<void> {
    const headers = this.cookie === '' ? {} : { cookie: this.cookie }
    const request = http.get({ host: '127.0.0.1', port: this.port, path, headers })
    const gone = new Promise<void>((closed) => request.on('close', closed))
    request.on('error', () => {})
    await asked
    request.destroy()
    await gone
  }

  keep({ setCookies }: Answer): void {
    for (const line of setCookies) {
      const [pair] = line.split(';', 1)
      const [name, value] = pair!.split('=', 2)
      if (/;\s*max-age=0/i.test(line)) this.cookies.delete(name!)
      else this.cookies.set(name!, value!)
    }
  }
}
