/** The answer to a request. */
export interface Reply {
  status: number
  /** The JSON that was sent; the text where it was none. */
  body: unknown
  /** The Set-Cookie header, if there was one. */
  setCookie: string | undefined
}

export async function post(
  port: number,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> },
): Promise<Reply> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body ?? null),
  })
  const text = await response.text()
  const json = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return {
    status: response.status,
    body: json ? JSON.parse(text) : text,
    setCookie: response.headers.getSetCookie()[0],
  }
}

/** Asks the server itself for something, beside the application. */
export async function control(port: number, what: string, value: unknown = null): Promise<unknown> {
  const { status, body } = await post(port, `/control/${what}`, { body: value })
  if (status !== 200) throw new Error(`/control/${what} was answered with ${status}: ${body}`)
  return body
}
