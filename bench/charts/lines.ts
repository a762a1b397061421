import type { LegendComponentOption, LineSeriesOption } from 'echarts'
import type { Axis } from '../suite.ts'
import type { Line, LinePanel } from './figure.ts'
import type { PanelOption, Place } from './place.ts'
import { decades, fromZero, tick } from './scale.ts'
import { type Colours, FONT, lineHeight, sizes } from './theme.ts'
import { short } from './words.ts'

const PLOT = 220
const LEGEND_ROW = 24
/** For the numbers at the vertical axis. */
const LEFT = 64
/** More points than these are not marked one by one. */
const MARKED = 30

/** Lines of one colour differ by these. */
const dashes = ['solid', 'dashed', 'dotted'] as const
const symbols = ['circle', 'diamond', 'triangle', 'rect'] as const

export function linePanelHeight({ lines }: LinePanel): number {
  return lines.length * LEGEND_ROW + lineHeight(sizes.small) * 2 + PLOT + 34
}

export function linePanel(panel: LinePanel, { top, index }: Place, colours: Colours): PanelOption {
  const legendHeight = panel.lines.length * LEGEND_ROW
  const text = { color: colours.muted, fontSize: sizes.small, fontFamily: FONT }
  const axis = {
    gridIndex: index,
    axisLabel: { ...text, formatter: tick, hideOverlap: true },
    splitLine: { lineStyle: { color: colours.grid } },
  }
  const values = (place: 0 | 1): number[] =>
    panel.lines.flatMap(({ points }) => points.map((at) => at[place]))
  return {
    grid: {
      left: sizes.edge + LEFT,
      right: sizes.edge + 16,
      top: top + legendHeight + lineHeight(sizes.small) + 4,
      height: PLOT,
    },
    legend: legend(panel, { top, index }, colours),
    xAxis: {
      ...axis,
      ...scaleOf(panel.x.scale, values(0), 6),
      splitLine: { show: false },
      name: panel.x.label,
      nameLocation: 'middle',
      nameGap: 30,
      nameTextStyle: text,
    },
    yAxis: {
      ...axis,
      ...scaleOf(panel.y.scale, values(1), 4),
      name: panel.y.label,
      nameGap: 12,
      nameTextStyle: { ...text, align: 'left', padding: [0, 0, 0, -LEFT] },
    },
    series: panel.lines.map((line, at) => series(line, index, orderInRole(panel, at), colours)),
  }
}

function scaleOf(scale: Axis['scale'], values: readonly number[], steps: number) {
  return scale === 'log'
    ? ({ type: 'log', ...decades(values) } as const)
    : ({ type: 'value', ...fromZero(values, steps) } as const)
}

function orderInRole({ lines }: LinePanel, at: number): number {
  return lines.slice(0, at).filter(({ role }) => role === lines[at]!.role).length
}

function series(
  { label, role, points }: Line,
  index: number,
  order: number,
  colours: Colours,
): LineSeriesOption {
  const color = colours.role[role]
  return {
    type: 'line',
    name: seriesName(index, label),
    xAxisIndex: index,
    yAxisIndex: index,
    data: points.map(([x, y]) => [x, y]),
    symbol: symbols[order % symbols.length]!,
    symbolSize: 9,
    showSymbol: points.length <= MARKED,
    showAllSymbol: true,
    itemStyle: { color },
    lineStyle: { color, width: role === 'untorn' ? 2.5 : 2, type: dashes[order % dashes.length]! },
    z: role === 'untorn' ? 3 : 2,
  }
}

/** One line of text for each line, with where it begins and ends: values beside the ends would cover each other. */
function legend(panel: LinePanel, { top, index }: Place, colours: Colours): LegendComponentOption {
  const bySeries = new Map(panel.lines.map((line) => [seriesName(index, line.label), line]))
  return {
    data: [...bySeries.keys()],
    orient: 'vertical',
    left: sizes.edge,
    top,
    padding: 0,
    itemGap: LEGEND_ROW - lineHeight(sizes.label) + 4,
    itemWidth: 36,
    itemHeight: 10,
    formatter: (name) => {
      const { label, points } = bySeries.get(name)!
      return `${label}: ${short(points[0]![1])} to ${short(points.at(-1)![1])}`
    },
    textStyle: { color: colours.text, fontSize: sizes.label, fontFamily: FONT },
  }
}

/** Unique in the picture: two panels may have lines of one name. */
function seriesName(index: number, label: string): string {
  return `${index}: ${label}`
}
