import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

export const largeFile = fileURLToPath(new URL('../../../package-lock.json', import.meta.url))

const chunks = Array.from({ length: 300 }, (_, i) => Buffer.alloc(16 * 1024, `${i} `))

/** A body of 5 MB, far more than any buffer on the way. */
export const large = () => Readable.from(chunks, { objectMode: false })
export const largeBody = Buffer.concat(chunks)

export interface Way {
  method?: string
  headers?: Record<string, string>
  slowly?: boolean
  /** May return a promise: it is kept once the answer is out. */
  answer(req: IncomingMessage, res: ServerResponse): unknown
}

const plain = { 'Content-Type': 'text/plain', 'X-Own': 'yes' }

/** The ways in which a handler can answer with node:http alone. */
export const ways: Record<string, Way> = {
  'end()': { answer: (_req, res) => res.end() },
  'end(text)': { answer: (_req, res) => res.end('hello') },
  'end(buffer)': { answer: (_req, res) => res.end(Buffer.from([0, 1, 2, 255])) },
  'end(text, encoding)': { answer: (_req, res) => res.end('café', 'latin1') },
  'end(text, callback)': { answer: (_req, res) => new Promise<void>((done) => res.end('hello', done)) },
  'end(callback)': { answer: (_req, res) => new Promise<void>((done) => res.end(done)) },
  'write, end': {
    answer: (_req, res) => {
      res.write('one ')
      res.write(Buffer.from('two '))
      res.end('three')
    },
  },
  'write(text, encoding, callback), end later': {
    answer: (_req, res) => res.write('caf\u00e9 ', 'latin1', () => res.end('done')),
  },
  'writes over several turns': {
    answer: async (_req, res) => {
      for (const part of ['a', 'b', 'c', 'd']) {
        res.write(part)
        await new Promise(setImmediate)
      }
      res.end()
    },
  },
  'a writer that waits for drain': {
    slowly: true,
    answer: async (_req, res) => {
      for (const chunk of chunks) {
        if (!res.write(chunk)) await new Promise((drained) => res.once('drain', drained as () => void))
      }
      res.end()
    },
  },
  'setHeader, end': {
    answer: (_req, res) => {
      res.statusCode = 201
      res.statusMessage = 'Made'
      res.setHeader('X-Own', ['1', '2'])
      res.setHeader('Set-Cookie', ['a=1', 'b=2'])
      res.end('made')
    },
  },
  'setHeader of one cookie': {
    answer: (_req, res) => {
      res.setHeader('set-cookie', 'a=1')
      res.end()
    },
  },
  'writeHead(status)': { answer: (_req, res) => res.writeHead(404).end('none') },
  'writeHead(status, headers)': { answer: (_req, res) => res.writeHead(202, plain).end('yes') },
  'writeHead(status, message, headers)': {
    answer: (_req, res) => res.writeHead(202, 'Very well', plain).end('yes'),
  },
  'writeHead(status, message)': { answer: (_req, res) => res.writeHead(202, 'Very well').end('yes') },
  'writeHead with a cookie as text': {
    answer: (_req, res) => res.writeHead(200, { 'set-cookie': 'a=1' }).end('yes'),
  },
  'writeHead with cookies as a list': {
    answer: (_req, res) => res.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] }).end('yes'),
  },
  'writeHead with a flat list': {
    answer: (_req, res) =>
      res.writeHead(200, ['X-Own', 'yes', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end('yes'),
  },
  'writeHead with a list of pairs': {
    answer: (_req, res) => {
      const pairs = [
        ['X-Own', 'yes'],
        ['Set-Cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ]
      res.writeHead(200, pairs as unknown as string[]).end('yes')
    },
  },
  'writeHead over headers set before': {
    answer: (_req, res) => {
      res.setHeader('X-Own', 'no')
      res.setHeader('Set-Cookie', 'old=1')
      res.setHeader('X-Kept', 'yes')
      res.writeHead(200, { 'x-own': 'yes', 'Set-Cookie': 'new=1' }).end('yes')
    },
  },
  'writeHead with a length, then end': {
    answer: (_req, res) => {
      res.writeHead(200, { 'Content-Length': 5 })
      res.end('hello')
    },
  },
  'writeHead, then a stream': {
    answer: (_req, res) => {
      res.writeHead(200, plain)
      large().pipe(res)
    },
    slowly: true,
  },
  'flushHeaders, then later a body': {
    answer: (_req, res) => {
      res.setHeader('X-Own', 'yes')
      res.flushHeaders()
      setTimeout(() => res.end('late'), 20)
    },
  },
  'pipe of a file': { answer: (_req, res) => createReadStream(largeFile).pipe(res), slowly: true },
  'pipe of a large stream': { answer: (_req, res) => large().pipe(res), slowly: true },
  'pipeline of a file': { answer: (_req, res) => pipeline(createReadStream(largeFile), res), slowly: true },
  'pipeline of a large stream': { answer: (_req, res) => pipeline(large(), res), slowly: true },
  'pipeline of a small stream': { answer: (_req, res) => pipeline(Readable.from(['a', 'b']), res) },
  'pipeline of an async iterable': {
    answer: (_req, res) =>
      pipeline(async function* () {
        for (const chunk of chunks) yield chunk
      }, res),
    slowly: true,
  },
  'pipeline after a first write': {
    answer: (_req, res) => {
      res.write('first ')
      return pipeline(large(), res)
    },
    slowly: true,
  },
  '204': { answer: (_req, res) => res.writeHead(204).end() },
  '304': { answer: (_req, res) => res.writeHead(304, { ETag: '"1"' }).end() },
  'HEAD with a length': {
    method: 'HEAD',
    answer: (_req, res) => {
      res.setHeader('Content-Length', 5)
      res.end('hello')
    },
  },
  'HEAD with a stream': { method: 'HEAD', answer: (_req, res) => createReadStream(largeFile).pipe(res) },
  trailers: {
    answer: (_req, res) => {
      res.writeHead(200, { Trailer: 'X-Sum' })
      res.write('body')
      res.addTrailers({ 'X-Sum': '4' })
      res.end()
    },
  },
  'early hints and processing first': {
    answer: async (_req, res) => {
      res.writeProcessing()
      res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      await new Promise(setImmediate)
      res.end('hello')
    },
  },
}
