import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { FormVisitor } from './form-visitor.ts'
import { inBrowser, sees } from './in-browser.ts'
import { type RunningExample, startExample } from './running-example.ts'

let running: RunningExample

beforeAll(async () => {
  running = await startExample('next', 'dev')
}, 300_000)

const { open } = inBrowser(
  async () => running,
  () => {},
)

/** As somebody does who works on it, while it runs. */
function edit(file: string, from: string, to: string): void {
  const path = join(running.folder, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}

const answers = () =>
  fetch(running.address).then(
    ({ ok }) => ok,
    () => false,
  )

/** Of what it has printed; that it was started again is none, nor that the machine is busy. */
const complaints = () =>
  running
    .printed()
    .split('\n')
    .filter((line) => /warn|⚠|⨯|error|UNTORN/i.test(line) && !/Found a change|Slow filesystem/.test(line))

const WITHIN_SUSPENSE = `import { Suspense } from 'react'
export default function Page() {
  return <Suspense><Stall /></Suspense>
}`

const OPENS = 'a store is opened once more'

// What it compiles on the way takes its time on a busy machine.
test('`next dev` keeps sessions while files of it change, with one store and without a warning', {
  timeout: 180_000,
}, async () => {
  const page = await open('/')
  const press = (name: string) => page.getByRole('button', { name }).click({ noWaitAfter: true })
  await press('Add A tin of tea')
  await sees(page.getByText('A tin of tea: added to your cart.'))
  await page.getByLabel('Name').fill('Ada')
  await press('Sign in')
  await sees(page.getByText('Welcome, Ada.'))
  await page.evaluate('window.untilReload = true')

  edit('app/page.tsx', '<h2>Two tabs</h2>', '<h2>Two tabs or more</h2>')
  await sees(page.getByText('Two tabs or more'))
  await sees(page.getByText('Signed in as Ada.'))
  await sees(page.getByText('A tin of tea: 1 in your cart'))

  edit('lib/session.ts', 'const store = () => ', `const store = () => console.log('${OPENS}') ?? `)
  edit('app/actions.ts', 'added to your cart.', 'there it is.')
  // Compiled on the way: what is pressed before runs as it was.
  await expect
    .poll(
      async () => {
        await press('Add A tin of tea')
        await sees(page.getByRole('status'))
        return page.getByRole('status').textContent()
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe('A tin of tea: there it is.')
  await sees(page.getByText('Signed in as Ada.'))
  expect(await page.evaluate('window.untilReload')).toBe(true)

  await page.reload()
  await sees(page.getByText('Signed in as Ada.'))
  expect(await page.getByRole('status').count()).toBe(0)
  expect(running.printed()).not.toContain(OPENS)
  expect(complaints()).toEqual([])
})

test('with cacheComponents and partialPrefetching a page is still made for who asks, without a complaint', {
  timeout: 180_000,
}, async () => {
  edit('app/page.tsx', 'export default async function Page', 'async function Stall')
  edit('app/page.tsx', 'async function', `${WITHIN_SUSPENSE}\nasync function`)
  edit('next.config.ts', 'turbopack:', 'cacheComponents: true, partialPrefetching: true, turbopack:')
  await expect.poll(running.printed, { timeout: 90_000 }).toContain('Cache Components enabled')
  await expect.poll(answers, { timeout: 90_000, interval: 500 }).toBe(true)
  const visitor = new FormVisitor(running.address)
  await visitor.open()
  expect((await visitor.send('Add A cup')).text).toContain('A cup: there it is.')
  const { text } = await visitor.open()
  expect(text).toContain('A cup: 1 in your cart')
  expect(text).not.toContain('there it is.')
  expect(complaints()).toEqual([])
})
