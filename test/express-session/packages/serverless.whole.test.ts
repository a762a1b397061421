import { describe, expect, test } from 'vitest'
import { onEach } from './sites.ts'

interface Result {
  statusCode: number
  body: string
  /** By API Gateway with payloads of format 2. */
  cookies?: string[]
  multiValueHeaders?: Record<string, string[]>
  headers?: Record<string, string>
}
type Handler = (event: object, context: object) => Promise<Result>

/** A visitor whose requests come as events of API Gateway, in one of its two formats. */
class Visitor {
  readonly #handler: Handler
  readonly #format: '1.0' | '2.0'
  cookie: string

  constructor(handler: Handler, format: '1.0' | '2.0', cookie = '') {
    this.#handler = handler
    this.#format = format
    this.cookie = cookie
  }

  twin(): Visitor {
    return new Visitor(this.#handler, this.#format, this.cookie)
  }

  get(path: string): Promise<unknown> {
    return this.#ask('GET', path, undefined)
  }

  post(path: string, body: object = {}): Promise<unknown> {
    return this.#ask('POST', path, JSON.stringify(body))
  }

  async #ask(method: string, path: string, body: string | undefined): Promise<unknown> {
    const event = this.#format === '1.0' ? this.#old(method, path, body) : this.#new(method, path, body)
    const result = await this.#handler(event, { awsRequestId: 'one', callbackWaitsForEmptyEventLoop: true })
    expect(result.statusCode).toBe(200)
    const set =
      result.cookies ??
      result.multiValueHeaders?.['set-cookie'] ??
      [result.headers?.['set-cookie']].flatMap((line) => line ?? [])
    if (set[0] !== undefined) this.cookie = set[0].split(';')[0]!
    return JSON.parse(result.body)
  }

  #old(httpMethod: string, path: string, body = ''): object {
    const headers = {
      host: 'shop.example',
      'x-forwarded-proto': 'https',
      'content-type': 'application/json',
      'content-length': `${body.length}`,
      ...(this.cookie && { cookie: this.cookie }),
    }
    return {
      resource: '/{proxy+}',
      path,
      httpMethod,
      headers,
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      requestContext: { httpMethod, path, stage: 'prod', identity: { sourceIp: '127.0.0.1' } },
      body: body || null,
      isBase64Encoded: false,
    }
  }

  #new(method: string, path: string, body = ''): object {
    return {
      version: '2.0',
      routeKey: '$default',
      rawPath: path,
      rawQueryString: '',
      headers: {
        host: 'shop.example',
        'x-forwarded-proto': 'https',
        'content-type': 'application/json',
        'content-length': `${body.length}`,
      },
      ...(this.cookie && { cookies: [this.cookie] }),
      requestContext: {
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        stage: '$default',
      },
      body: body || undefined,
      isBase64Encoded: false,
    }
  }
}

const wrappers = ['serverless-http', '@codegenie/serverless-express', '@vendia/serverless-express']
const ways = wrappers.flatMap((wrapper) => (['1.0', '2.0'] as const).map((format) => ({ wrapper, format })))

await onEach<Handler>('a function without a server', 'serverless.js', ({ make, tears }) => {
  describe.each(ways)('by $wrapper, events of format $format', ({ wrapper, format }) => {
    async function opened() {
      const { app, gate } = await make({ wrapper })
      return { visitor: new Visitor(app, format), gate }
    }

    async function signedIn() {
      const { visitor, gate } = await opened()
      await visitor.post('/login', { name: 'anna' })
      return { visitor, gate }
    }

    test('the cookie goes out with the answer and comes back with the next event', async () => {
      const { visitor } = await opened()
      await visitor.post('/add')
      const before = visitor.twin()
      expect(await visitor.get('/')).toEqual({ cart: ['a book'] })
      expect(await visitor.post('/login', { name: 'anna' })).toEqual({ user: 'anna' })
      expect(visitor.cookie).not.toBe(before.cookie)
      expect(await visitor.get('/')).toEqual({ user: 'anna' })
      expect(await before.get('/')).toEqual({})
    })

    test('a function that is frozen as soon as it has answered has saved', async () => {
      const { visitor } = await opened()
      // What an answer says is stored is asked for at once, with nothing in between.
      for (let time = 0; time < 5; time++) {
        await visitor.post('/login', { name: `${time}` })
        expect(await visitor.get('/')).toEqual({ user: `${time}` })
      }
    })

    test('a sign-out ends it', async () => {
      const { visitor } = await signedIn()
      await visitor.post('/logout')
      expect(await visitor.get('/')).toEqual({})
    })

    test('a value that is set while a slow request is under way', async () => {
      const { visitor, gate } = await signedIn()
      await visitor.post('/add')
      await gate.hold(visitor.post('/add-slowly'), () => visitor.post('/add'))
      const cart = ['a book', ...(tears ? [] : ['a book'])]
      expect(await visitor.get('/')).toEqual({ user: 'anna', note: 'slow', cart })
    })

    test('a sign-out while a slow request is under way', async () => {
      const { visitor, gate } = await signedIn()
      await gate.hold(visitor.post('/add-slowly'), () => visitor.post('/logout'))
      expect(await visitor.get('/')).toEqual(tears ? { user: 'anna', note: 'slow' } : {})
    })
  })
})
