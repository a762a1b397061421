import assert from 'node:assert/strict'
import { type Answer, ask } from '../../adapters/support/server.ts'
import { Visitor } from '../../adapters/support/visitor.ts'

const BOUNDARY = 'a-form-of-the-test'

/** A visitor of pages with forms, without JavaScript. */
export class Browser extends Visitor {
  /** What the page shows. */
  async seen(path = '/'): Promise<{ items: string[]; owner?: string; notes: string[]; isOne: boolean }> {
    return JSON.parse(shown(await this.get(path)))
  }

  /** Sends a form, as a browser without JavaScript does; its redirect is for the test to follow. */
  async submit(form: string, item: string): Promise<Answer> {
    return this.#post(await this.fields(form, item))
  }

  /** Calls the action of a form as the router of a page does. */
  async call(form: string, item: string): Promise<Answer> {
    return this.callWith(form, [
      ['_1_item', item],
      ['0', '["$K1"]'],
    ])
  }

  /** The same, with whatever React makes of these fields. */
  async callWith(form: string, args: [string, string][]): Promise<Answer> {
    const [[name] = ['']] = await this.fields(form, '')
    const id = name.replace('$ACTION_ID_', '')
    return this.#post(args, { 'next-action': id, accept: 'text/x-component' })
  }

  /** What a form sends, hidden fields included. */
  async fields(form: string, item: string): Promise<[name: string, value: string][]> {
    const { text } = await ask(this.port)
    const [, inside] =
      new RegExp(`<form id="${form}"[^>]*>(.*?)</form>|<form[^>]* id="${form}">(.*?)</form>`).exec(text) ?? []
    assert.ok(inside, `the page has no form ${form}`)
    const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]*)"(?: value="([^"]*)")?/g)]
    return [...hidden.map(([, name, value = '']): [string, string] => [name!, value]), ['item', item]]
  }

  async #post(fields: [string, string][], headers: Record<string, string> = {}): Promise<Answer> {
    const parts = fields.map(
      ([name, value]) =>
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const answer = await ask(this.port, {
      method: 'POST',
      body: `${parts.join('')}--${BOUNDARY}--\r\n`,
      headers: {
        'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
        origin: `http://127.0.0.1:${this.port}`,
        host: `127.0.0.1:${this.port}`,
        cookie: this.cookie,
        ...headers,
      },
    })
    this.keep(answer)
    return answer
  }
}

/** The first paragraph of a page. */
export function shown({ text }: { text: string }): string {
  const [, inside = ''] = /<p>(.*?)<\/p>/.exec(text) ?? []
  return inside.replaceAll('&quot;', '"')
}
