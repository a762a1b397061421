import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listen, serverFor } from './serve.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** What was asked of the provider when it gave a code away. */
interface Asked {
  challenge: string | null
  nonce: string | null
  client: string
}

/** A provider of OAuth 2.0 and OpenID Connect on the loopback. */
export interface Provider {
  /** Its issuer, and the origin of `/authorize` and `/token`. */
  url: string
  /** How many codes it has changed for a token. */
  tokens: number
  /** Who comes: Anna, unless it is set. */
  user: string
}

/** Whoever comes agrees at once. Codes count once, and only with the verifier of their challenge (PKCE). */
export async function startProvider(): Promise<Provider> {
  const codes = new Map<string, Asked>()
  const provider: Provider = { url: '', tokens: 0, user: 'anna' }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = randomUUID()
    codes.set(code, {
      challenge: query.get('code_challenge'),
      nonce: query.get('nonce'),
      client: query.get('client_id')!,
    })
    const back = new URL(query.get('redirect_uri')!)
    back.searchParams.set('code', code)
    if (query.has('state')) back.searchParams.set('state', query.get('state')!)
    response.writeHead(302, { location: back.href }).end()
  }

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request))
    const asked = codes.get(form.get('code')!)
    codes.delete(form.get('code')!)
    const verifier = form.get('code_verifier')
    const challenge = verifier && createHash('sha256').update(verifier).digest('base64url')
    if (!asked || asked.challenge !== challenge) return json(response, { error: 'invalid_grant' }, 400)
    provider.tokens++
    json(response, {
      access_token: randomUUID(),
      token_type: 'Bearer',
      expires_in: 3600,
      id_token: signed({
        iss: provider.url,
        sub: provider.user,
        aud: asked.client,
        nonce: asked.nonce ?? undefined,
        iat: Math.floor(Date.now() / 1000),
        exp: Math.floor(Date.now() / 1000) + 3600,
      }),
    })
  }

  const server = serverFor((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, provider.url)
    if (pathname === '/authorize') return authorize(searchParams, response)
    if (pathname === '/token') return void token(request, response)
    if (pathname === '/.well-known/openid-configuration') return json(response, described(provider.url))
    if (pathname === '/keys') {
      const key = publicKey.export({ format: 'jwk' })
      return json(response, { keys: [{ ...key, alg: 'RS256', use: 'sig', kid: 'one' }] })
    }
    response.writeHead(404).end()
  })
  provider.url = (await listen(server)).url
  return provider
}

function described(url: string): object {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/keys`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  }
}

function json(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function signed(claims: object): string {
  const parts = [{ alg: 'RS256', typ: 'JWT', kid: 'one' }, claims]
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url')}`
}
