import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Pages below a folder, named from the root; not those of others, and what was built or is hidden. */
function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = join(folder, entry.name)
    if (/^(\.|node_modules$|dist)/.test(entry.name)) return []
    return entry.isDirectory() ? pagesIn(name) : name.endsWith('.md') ? [name] : []
  })
}

const PAGES = pagesIn('')

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8')
const isThere = (path: string): boolean => existsSync(join(ROOT, path))

/** A page without its blocks of code. */
const prose = (page: string): string => read(page).replace(/^ *```.*?^ *```$/gms, '')

/** What can be linked to in a page: its headings as GitHub names them, and what is named so by hand. */
function anchorsOf(page: string): string[] {
  const headings = [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )
  return headings.concat([...read(page).matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!))
}

/** Relative links: of the text, and of pictures. */
function linksOf(page: string): string[] {
  const text = prose(page)
  const links = [...text.matchAll(/\]\(([^()\s]+)\)/g), ...text.matchAll(/\b(?:src|srcset)="([^"\s]+)"/g)]
  return links.map(([, link]) => link!).filter((link) => !/^[a-z]+:/.test(link))
}

/** A row's last cell: in glossary and situations it says where something is. */
function placesIn(page: string): string[] {
  const rows = read(page).matchAll(/^\|.*\|([^|]*)\|$/gm)
  return [...rows].flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, place]) => place!))
}

/** Rows of which the last cell names nothing; not those that head a table. */
function rowsWithoutPlace(page: string): string[] {
  const rows = [...read(page).matchAll(/^\|.*\|([^|]*)\|$/gm)].filter(
    ([, cell]) => !/^( test |-+)$/.test(cell!),
  )
  return rows.flatMap(([row, cell]) => (cell!.includes('`') ? [] : [row]))
}

describe('the documents', () => {
  test('are found', () => {
    expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/README.md']))
    expect(PAGES.length).toBeGreaterThan(25)
  })

  test.each(PAGES)('%s: no link leads nowhere', (page) => {
    const broken = linksOf(page).filter((link) => {
      const [path, anchor] = link.split('#') as [string, string?]
      const target = path === '' ? page : join(dirname(page), path)
      if (!isThere(target)) return true
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  test.each(PAGES.filter((page) => page !== 'CHANGELOG.md'))('%s: names no file that is gone', (page) => {
    const named = [...prose(page).matchAll(/`((?:src|test|docs|bench|scripts|examples)\/[\w./-]*\w\/?)`/g)]
    const gone = named
      .map(([, path]) => path!)
      .filter((path) => !path.includes('/.')) // what a program makes when it runs
      // The names of tests in the tables are those below test/.
      .filter((path) => !isThere(`test/${path}.test.ts`))
      .filter((path) => !['', '.ts', '.test.ts'].some((end) => isThere(`${path}${end}`)))
    expect(gone).toEqual([])
  })

  test('the index leads to every page of docs/', () => {
    const pages = PAGES.filter((page) => /^docs\/[^/]+\.md$/.test(page) && page !== 'docs/README.md')
    const linked = linksOf('docs/README.md').map((link) => join('docs', link))
    expect(pages.filter((page) => !linked.includes(page))).toEqual([])
  })

  test('a page beside the code is found from docs/', () => {
    const pages = PAGES.filter((page) => page.startsWith('src/'))
    const linked = linksOf('docs/README.md').map((link) => join('docs', link))
    expect(pages.filter((page) => !linked.includes(page))).toEqual([])
  })

  test('every word of the glossary is at home where it says', () => {
    const homes = placesIn('docs/glossary.md')
    expect(homes.length).toBeGreaterThan(50)
    const gone = homes.filter((home) => !isThere(`src/${home}`) && !isThere(`src/stores/file/${home}`))
    expect(gone).toEqual([])
  })

  test.each(['docs/situations.md', 'docs/lineage.md'])('%s: every row names a test that is there', (page) => {
    const named = placesIn(page).filter((place) => !place.startsWith('untorn/'))
    expect(named.length).toBeGreaterThan(30)
    const ends = ['', '.test.ts', '.whole.test.ts']
    expect(named.filter((name) => !ends.some((end) => isThere(`test/${name}${end}`)))).toEqual([])
    expect(rowsWithoutPlace(page)).toEqual([])
  })
})

describe('the decisions', () => {
  const pages = PAGES.filter((page) => /^docs\/decisions\/\d/.test(page))
  const statusOf = (page: string): string | undefined =>
    /^# .*\n\n\*((?:Accepted|Superseded)\b.*\d{4}-\d\d-\d\d.*)\.\*\n/.exec(read(page))?.[1]

  test.each(pages)('%s: has a status and a date', (page) => {
    expect(statusOf(page)).toBeDefined()
  })

  test('are all in the index, with what they say of themselves', () => {
    const rows = [
      ...read('docs/decisions/README.md').matchAll(/^\| (\d+) \| \[(.*?)\]\((.*?)\) \| (.*) \|$/gm),
    ]
    const listed = rows.map(([, number, title, file, status]) => ({ number, title, file, status }))
    const said = pages.map((page) => ({
      number: /(\d+)-/.exec(page)![1],
      title: /^# (.*)$/m.exec(read(page))![1],
      file: page.replace('docs/decisions/', ''),
      status: statusOf(page),
    }))
    expect(listed).toEqual(said.sort((a, b) => Number(a.number) - Number(b.number)))
  })
})
