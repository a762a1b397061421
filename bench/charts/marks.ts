import type { CustomSeriesOption } from 'echarts'
import type { Mark, RowPanel } from './figure.ts'
import { type Colours, FONT, GAP, sizes } from './theme.ts'

const BAR = 18
const HOLLOW = 1.5

type Shape = NonNullable<ReturnType<NonNullable<CustomSeriesOption['renderItem']>>>

/** One series draws all of a row: the bar or point, the thin line of its spread, and the value after both. */
export function marks({ marks, scale }: RowPanel, index: number, colours: Colours): CustomSeriesOption {
  return {
    type: 'custom',
    xAxisIndex: index,
    yAxisIndex: index,
    data: marks.map(({ value }, row) => [value.median, row]),
    renderItem(_, api) {
      const row = api.value(1) as number
      const mark = marks[row]!
      const x = (value: number): number => api.coord([value, row])[0]!
      const y = api.coord([0, row])[1]!
      const from = x(mark.value.q1)
      const to = x(mark.value.q3)
      const drawn =
        scale === 'log'
          ? [spreadLine(from, to, y, colours), point(x(mark.value.median), y, mark, colours)]
          : [bar(x(0), x(mark.value.median), y, mark, colours), spreadLine(from, to, y, colours)]
      const end = Math.max(x(mark.value.median) + (scale === 'log' ? GAP : 0), to)
      return { type: 'group', children: [...drawn, valueText(end + GAP, y, mark, colours)] }
    },
  }
}

function bar(from: number, to: number, y: number, { role }: Mark, colours: Colours): Shape {
  const colour = colours.role[role]
  const inset = role === 'floor' ? HOLLOW / 2 : 0
  return {
    type: 'rect',
    shape: {
      x: from + inset,
      y: y - BAR / 2 + inset,
      width: Math.max(to - from, HOLLOW) - 2 * inset,
      height: BAR - 2 * inset,
    },
    style: role === 'floor' ? { fill: 'none', stroke: colour, lineWidth: HOLLOW } : { fill: colour },
  }
}

/** A form for each role, as not everybody sees the colour. */
function point(x: number, y: number, { role }: Mark, colours: Colours): Shape {
  const colour = colours.role[role]
  if (role !== 'floor')
    return { type: 'circle', shape: { cx: x, cy: y, r: role === 'untorn' ? 8 : 6 }, style: { fill: colour } }
  const points = [
    [x, y - 8],
    [x + 8, y],
    [x, y + 8],
    [x - 8, y],
  ]
  const style = { fill: colours.background, stroke: colour, lineWidth: 2 }
  return { type: 'polygon', shape: { points }, style }
}

/** With an edge in the colour of the background: it is seen on any bar. */
function spreadLine(x1: number, x2: number, y: number, { text, background }: Colours): Shape {
  const shape = { x1, x2, y1: y, y2: y }
  return {
    type: 'group',
    children: [
      { type: 'line', shape, style: { stroke: background, lineWidth: 4 } },
      { type: 'line', shape, style: { stroke: text, lineWidth: 1.5 } },
    ],
  }
}

function valueText(x: number, y: number, mark: Mark, { text, background }: Colours): Shape {
  const font = `${mark.role === 'untorn' ? 'bold ' : ''}${sizes.label}px ${FONT}`
  // The edge keeps the axis' lines away from the letters.
  const edge = { stroke: background, lineWidth: 4 }
  return {
    type: 'text',
    style: { x, y, text: printed(mark), fill: text, font, verticalAlign: 'middle', ...edge },
  }
}

export function printed({ text, note }: Mark): string {
  return note === undefined ? text : `${text} (${note})`
}
