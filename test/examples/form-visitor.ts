import { expect } from 'vitest'

/** A page as it is read without JavaScript: its text, and its forms. */
export class ReadPage {
  readonly text: string
  readonly #html: string
  readonly #forms: string[]

  constructor(html: string) {
    this.#html = html
    this.#forms = [...html.matchAll(/<form\b.*?<\/form>/gs)].map(([form]) => form)
    const withoutTags = html.replace(/<(style|script)\b.*?<\/\1>|<!--.*?-->|<[^>]*>/gs, '')
    this.text = decoded(withoutTags).replace(/\s+/g, ' ')
  }

  /** Whether it stands in the page as markup. */
  hasMarkup(markup: string): boolean {
    return this.#html.includes(markup)
  }

  /** How the form is sent in which `label` stands, on a button or as the name of a field for those who don't see it. */
  form(label: string): { action: string; isMultipart: boolean; hidden: [string, string][] } {
    const form = this.#forms.find(
      (one) => one.includes(`>${label}<`) || one.includes(`aria-label="${label}"`),
    )
    if (form === undefined) throw new Error(`The page has no form with "${label}":\n${this.text}`)
    const [tag] = /<form\b[^>]*>/.exec(form)!
    const fields = [...form.matchAll(/<(?:input|button)\b[^>]*>/g)]
      .map(([field]) => field)
      .filter((field) => attribute(field, 'type') === 'hidden' || field.startsWith('<button'))
    return {
      action: attribute(tag, 'action') ?? '',
      isMultipart: attribute(tag, 'enctype') === 'multipart/form-data',
      hidden: fields.flatMap((field) => {
        const name = attribute(field, 'name')
        return name === undefined ? [] : [[name, attribute(field, 'value') ?? '']]
      }),
    }
  }
}

/** Somebody with a browser that has no JavaScript: it has the cookies that it was given, and sends the forms of its page. */
export class FormVisitor {
  readonly #address: string
  readonly #cookies = new Map<string, string>()
  #page = new ReadPage('')

  constructor(address: string) {
    this.#address = address
  }

  async open(): Promise<ReadPage> {
    const answer = await this.#ask('/')
    expect(answer.status).toBe(200)
    this.#page = new ReadPage(await answer.text())
    return this.#page
  }

  /** The page that is shown once a form has been sent. */
  async send(label: string, values: Record<string, string> = {}): Promise<ReadPage> {
    const answer = await this.post(label, values)
    expect(answer.status).toBe(303)
    expect(new URL(answer.headers.get('location')!, this.#address).href).toBe(`${this.#address}/`)
    return this.open()
  }

  /**
   * Sends a form of the page that was opened last. `from`: the site whose page it stands on. `forged`: what somebody puts
   * in place of a word of it.
   */
  post(
    label: string,
    values: Record<string, string> = {},
    { from = this.#address, forged: [word, other] = ['', ''] as [string, string] } = {},
  ): Promise<Response> {
    const { action, isMultipart, hidden } = this.#page.form(label)
    const body = isMultipart ? new FormData() : new URLSearchParams()
    for (const [name, value] of hidden) body.set(name, value === word ? other : value)
    for (const [name, value] of Object.entries(values)) body.set(name, value)
    const path = action.split('/').map((part) => (part !== '' && part === word ? other : part))
    const site = from === this.#address ? 'same-origin' : 'cross-site'
    return this.#ask(path.join('/'), {
      method: 'POST',
      body,
      headers: { origin: from, 'sec-fetch-site': site },
    })
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(new URL(path, `${this.#address}/`), {
      ...init,
      // As browsers say it for a page: some frameworks answer others with data.
      headers: { ...init.headers, cookie, accept: 'text/html,*/*;q=0.8' },
      redirect: 'manual',
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (/;\s*max-age=0/i.test(line)) this.#cookies.delete(name!)
      else this.#cookies.set(name!, value!)
    }
    return answer
  }
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1]
  return value === undefined ? undefined : decoded(value)
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decoded(text: string): string {
  return text
    .replace(/&#x([\da-f]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => NAMED[name]!)
}
