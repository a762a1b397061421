import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { caption } from '../../bench/charts/caption.ts'
import { charts } from '../../bench/charts/charts.ts'
import { type Chart, compose, lines, rows } from '../../bench/charts/compose.ts'
import { fill, picture } from '../../bench/charts/document.ts'
import type { Draw } from '../../bench/charts/figure.ts'
import { markdownTable } from '../../bench/charts/markdown.ts'
import { MissingFigureError, pickRow, pickSeries } from '../../bench/charts/pick.ts'
import { decades, fromZero } from '../../bench/charts/scale.ts'
import { tables } from '../../bench/charts/tables.ts'
import { targetTable } from '../../bench/charts/targets.ts'
import { description } from '../../bench/charts/words.ts'
import { readResults } from '../../bench/report/results.ts'
import type { Series } from '../../bench/suite.ts'
import { alike, resultOf, rowOf, targetOf } from './fixture.ts'

const root = new URL('../../', import.meta.url)
const file = (path: string): string => fileURLToPath(new URL(path, root))

const none = rowOf('none', 100, { ratio: { to: 'none', value: alike(1) } })
const untorn = rowOf('untorn, files', 150, { ratio: { to: 'none', value: alike(1.5) } })
const redis = rowOf('Redis', 300, { ratio: { to: 'none', value: alike(3) } })

const growth: Series = {
  name: 'growth',
  title: 'Time for a load',
  x: { label: 'sessions', scale: 'log' },
  y: { label: 'us' },
  lines: [
    { name: 'untorn', points: [[1000, 2], [1_000_000, 2.5]] }, // biome-ignore format: points
    { name: 'a peer', points: [[1000, 20], [1_000_000, 30]] }, // biome-ignore format: points
  ],
}

const chart: Chart = {
  name: 'requests',
  suite: 'http',
  title: 'What a request takes',
  better: 'less',
  panels: [
    rows(
      'Express',
      [
        { label: 'no sessions', role: 'floor', name: 'none' },
        { label: 'untorn', role: 'untorn', name: /^untorn/ },
        { label: 'Redis', role: 'peer', name: 'Redis', unless: /redis/i },
      ],
      { ratio: 'times' },
    ),
    lines('growth', { untorn: /untorn/ }),
  ],
}
const result = resultOf({ rows: [none, untorn, redis], series: [growth] })

describe('a chart', () => {
  it('shows the rows that it names, each with its value and ratio', () => {
    const [panel] = compose(chart, result).panels
    expect(panel?.kind === 'rows' && panel.marks[0]).not.toHaveProperty('note')
    expect(panel).toMatchObject({
      heading: 'Express, microseconds',
      marks: [
        { label: 'no sessions', role: 'floor', text: '100 us' },
        { label: 'untorn', role: 'untorn', text: '150 us', note: '1.5 x' },
        { label: 'Redis', role: 'peer', text: '300 us', note: '3.0 x' },
      ],
    })
  })

  it('is refused when a row has been renamed, with its name and those that are there', () => {
    const renamed = resultOf({ rows: [none, rowOf('Untorn', 150), redis], series: [growth] })
    expect(() => compose(chart, renamed)).toThrow(MissingFigureError)
    expect(() => compose(chart, renamed)).toThrow(/"http".*\^untorn.*Express \/ Untorn/s)
  })

  it('is refused when a pattern means two rows', () => {
    expect(() =>
      pickRow(resultOf({ rows: [untorn, rowOf('untorn, memory', 1)] }), { name: /^untorn/ }),
    ).toThrow(/2 rows.*untorn, memory/s)
    expect(pickRow(resultOf({ rows: [untorn, { ...untorn, group: 'Fastify' }] }), { ...untorn })).toBe(untorn)
  })

  it('is refused when its rows are of different units', () => {
    const mixed = resultOf({ rows: [none, { ...untorn, unit: 'ms' }, redis], series: [growth] })
    expect(() => compose(chart, mixed)).toThrow('not of one unit')
  })

  it('leaves out a peer only where the suite says that it was skipped', () => {
    const without = { rows: [none, untorn], series: [growth] }
    expect(() => compose(chart, resultOf(without))).toThrow(MissingFigureError)
    const [panel] = compose(chart, resultOf({ ...without, skipped: ['redis-server is missing'] })).panels
    expect(panel?.kind === 'rows' && panel.marks.map(({ label }) => label)).toEqual(['no sessions', 'untorn'])
  })

  it('shows a series with untorn told from the others', () => {
    const [, panel] = compose(chart, result).panels
    expect(panel?.kind === 'lines' && panel.lines.map(({ role }) => role)).toEqual(['untorn', 'peer'])
    expect(() => pickSeries(result, 'memory')).toThrow(/no series memory.*growth/s)
    expect(() => pickSeries(result, 'growth', /Untorn/)).toThrow(/Untorn.*growth \/ a peer/s)
    expect(pickSeries(result, 'growth', /peer/).lines.map(({ name }) => name)).toEqual(['a peer'])
  })

  it('says which direction is better, and what a logarithmic axis is', () => {
    const figure = compose(chart, result)
    expect(broken(figure.title)).toBe('What a request takes (less is better)')
    expect(figure.explanation).not.toContain('logarithmic')
    const one = rows('R', [{ label: 'none', role: 'floor', name: 'none' }], { scale: 'log' })
    const other = compose({ ...chart, better: 'more', panels: [one] }, result)
    expect(broken(other.title)).toBe('What a request takes (more is better)')
    expect(other.explanation).toContain('logarithmic')
  })

  it('says in words what it shows', () => {
    expect(description(compose(chart, result))).toContain(
      'Express, microseconds: no sessions 100 us, untorn 150 us (1.5 x), Redis 300 us (3.0 x). ' +
        'Time for a load: untorn from 2.00 at 1,000 to 2.50 at 1,000,000',
    )
  })
})

describe('the line below a chart', () => {
  it('names machine, file system, kernel, versions and day', () => {
    expect(broken(caption(resultOf({ versions: { Redis: '7.0' } })))).toBe(
      'A Processor, 2 cores, 24 GiB, ext4, Linux 6.1. Node.js 20.20.2, untorn 1.2.3, Redis 7.0. ' +
        'Measured on 2031-02-03.',
    )
  })

  it('says of a quick run that it is one', () => {
    expect(caption(resultOf({ quick: true }))).toMatch(/^Quick run/)
  })
})

describe('an axis', () => {
  it('begins at zero and ends above the highest value', () => {
    expect(fromZero([3, 599], 6)).toEqual({ min: 0, max: 600, interval: 100 })
    expect(fromZero([0.3], 4)).toMatchObject({
      min: 0,
      max: expect.closeTo(0.3),
      interval: expect.closeTo(0.1),
    })
    expect(fromZero([7], 4)).toEqual({ min: 0, max: 8, interval: 2 })
    for (const highest of [1, 7, 42, 999, 1001, 65_536]) {
      const { max, interval } = fromZero([highest], 4)
      expect(max).toBeGreaterThanOrEqual(highest)
      expect(max / interval).toBeLessThanOrEqual(4)
    }
  })

  it('that is logarithmic goes from one power of ten to another', () => {
    expect(decades([2, 350])).toEqual({ min: 1, max: 1000 })
    expect(decades([10, 10])).toEqual({ min: 10, max: 100 })
    expect(() => decades([1, 0])).toThrow(RangeError)
  })
})

describe('a document', () => {
  it('is written anew between the marks, and nowhere else', () => {
    const before = 'a\n<!-- bench: one -->\nold\n<!-- /bench -->\nb\n<!-- bench: two -->\n<!-- /bench -->\n'
    const after =
      'a\n<!-- bench: one -->\nNEW one\n<!-- /bench -->\nb\n<!-- bench: two -->\nNEW two\n<!-- /bench -->\n'
    const content = (place: string): string => `NEW ${place}`
    expect(fill(before, content)).toBe(after)
    expect(fill(after, content)).toBe(after)
  })

  it('is refused when a mark has no end', () => {
    const open = '<!-- bench: one -->\n<!-- bench: two -->\n<!-- /bench -->\n'
    expect(() => fill(open, () => '')).toThrow(SyntaxError)
  })

  it('has a text in place of each picture, whatever is in it', () => {
    expect(picture('a/b', 'x: "1" & <2')).toContain('alt="x: &quot;1&quot; &amp; &lt;2" src="a/b-light.svg"')
  })

  it('says of each target whether it is met', () => {
    const suite = resultOf({
      targets: [
        targetOf(),
        targetOf({ limit: 'at least', bound: 10_000, value: 9_990, unit: 'operations/s' }),
        targetOf({ bound: 0, value: 0, unit: 'count' }),
      ],
    })
    expect(targetTable([suite]).split('\n').slice(2)).toEqual([
      '| a load / an fstat | at most 1.5 | 1.25 | met |',
      '| a load / an fstat | at least 10,000 operations/s | 9,990 operations/s | **missed** |',
      '| a load / an fstat | at most 0 | 0 | met |',
    ])
  })
})

describe('a table', () => {
  it('has a line for each row, and no cell that ends one', () => {
    expect(
      markdownTable(
        ['a', 'b'],
        [
          ['1', 'x | y'],
          ['2', ''],
        ],
      ),
    ).toBe('| a | b |\n|---|---|\n| 1 | x \\| y |\n| 2 |  |')
  })

  it.each(tables)('$name is refused when the suite lacks a row of it', ({ suite, markdown }) => {
    expect(() => markdown(resultOf({ suite, rows: [untorn] }))).toThrow(MissingFigureError)
  })
})

describe('what is published', () => {
  const results = file('docs/benchmarks/results.json')

  it.each(charts)('has one chart $name', ({ name }) => {
    expect(charts.filter((chart) => chart.name === name)).toHaveLength(1)
  })

  it('has a place for each chart', () => {
    const document = readFileSync(file('docs/benchmarks.md'), 'utf8')
    const places = [...document.matchAll(/<!-- bench: (\S+) -->/g)].map(([, name]) => name)
    expect(places.sort()).toEqual(['targets', ...charts.map(({ name }) => name)].sort())
  })

  it.each(tables)('has a place for the table $name', ({ name }) => {
    const document = readFileSync(file('docs/several-machines.md'), 'utf8')
    expect(document.split(`<!-- bench: ${name} -->\n`)).toHaveLength(2)
  })

  test('agrees with docs/benchmarks/results.json', () => {
    const { suites } = readResults(results)
    expect(readFileSync(file('docs/benchmarks.md'), 'utf8')).toContain(targetTable(suites))
    for (const chart of charts) {
      const result = suites.find(({ suite }) => suite === chart.suite)
      if (!result) continue
      const figure = compose(chart, result)
      for (const theme of ['light', 'dark'])
        expect(words(readFileSync(file(`docs/benchmarks/${chart.name}-${theme}.svg`), 'utf8'))).toEqual({
          title: figure.title,
          desc: description(figure),
        })
    }
    const document = readFileSync(file('docs/several-machines.md'), 'utf8')
    for (const { suite: name, markdown } of tables) {
      const result = suites.find(({ suite }) => suite === name)
      if (result) expect(document).toContain(markdown(result))
    }
  })
})

describe('a picture', () => {
  const missing = existsSync(file('bench/node_modules/echarts'))
    ? undefined
    : 'The packages of the bench are not installed: npm --prefix bench install.'

  beforeEach(({ skip }) => {
    if (missing !== undefined) skip(missing)
  })

  /** By a name that the compiler does not follow: the types of echarts are in the bench's own packages too. */
  async function drawn(theme: 'light' | 'dark', of = chart): Promise<string> {
    const { draw } = (await import(file('bench/charts/svg.ts'))) as { draw: Draw }
    return draw(compose(of, result), theme)
  }

  it('holds its texts as text, and itself in words', async () => {
    const svg = await drawn('light')
    for (const text of ['no sessions', '100 us', '150 us (1.5 x)', 'a peer: 20.0 to 30.0'])
      expect(svg).toContain(`>${text}</text>`)
    expect(svg).toContain('role="img"')
    const figure = compose(chart, result)
    expect(words(svg)).toEqual({ title: figure.title, desc: description(figure) })
  })

  it('is the same when it is drawn again', async () => {
    expect(await drawn('light')).toBe(await drawn('light'))
  })

  it('has bars as long as the values, from zero, and alike in all its panels', async () => {
    const untornAlone = rows('Again', [{ label: 'untorn', role: 'untorn', name: /^untorn/ }])
    const svg = await drawn('light', { ...chart, panels: [...chart.panels, untornAlone] })
    const bars = (colour: string): number[] =>
      [...svg.matchAll(/<path d="M[\d.]+ [\d.]+l([\d.]+) 0l0 18[^>]*fill="(#\w+)"/g)]
        .filter(([, , fill]) => fill === colour)
        .map(([, width]) => Number(width))
    const [own, again] = bars('#0550ae')
    const [peer] = bars('#8c959f')
    expect(own).toBe(again)
    expect(peer! / own!).toBeCloseTo(2, 1)
  })

  it('differs between light and dark in its colours alone', async () => {
    const uncoloured = (svg: string): string => svg.replaceAll(/#[0-9a-f]{6}/g, '#')
    expect(await drawn('dark')).not.toBe(await drawn('light'))
    expect(uncoloured(await drawn('dark'))).toBe(uncoloured(await drawn('light')))
  })
})

/** With spaces where no line may be broken. */
function broken(text: string): string {
  return text.replaceAll('\u00a0', ' ')
}

/** What a screen reader says of a picture. */
function words(svg: string): { title: string | undefined; desc: string | undefined } {
  const unescaped = (text: string | undefined): string | undefined =>
    text?.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  return {
    title: unescaped(svg.match(/<title>(.*?)<\/title>/s)?.[1]),
    desc: unescaped(svg.match(/<desc>(.*?)<\/desc>/s)?.[1]),
  }
}
