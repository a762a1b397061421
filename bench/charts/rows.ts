import type { RowPanel } from './figure.ts'
import { marks, printed } from './marks.ts'
import type { PanelOption, Place } from './place.ts'
import { decades, fromZero, tick } from './scale.ts'
import { widthOf } from './text.ts'
import { type Colours, FONT, GAP, lineHeight, sizes } from './theme.ts'

const ROW = 32

export function rowPanelHeight({ marks }: RowPanel): number {
  return marks.length * ROW + lineHeight(sizes.small) + GAP
}

/** What all row panels of a picture have in common, so that their bars can be compared with each other's. */
export interface Common {
  /** The space for the labels at the left, and for the values at the right. */
  left: number
  right: number
  panels: readonly RowPanel[]
}

export function commonOf(panels: readonly RowPanel[]): Common {
  const marks = panels.flatMap((panel) => panel.marks)
  return {
    left: Math.max(...marks.map(({ label, role }) => widthOf(label, sizes.label, role === 'untorn'))),
    right: Math.max(...marks.map((mark) => widthOf(printed(mark), sizes.label, mark.role === 'untorn'))),
    panels,
  }
}

export function rowPanel(
  panel: RowPanel,
  { top, index }: Place,
  { left, right, panels }: Common,
  colours: Colours,
): PanelOption {
  const values = panels
    .filter(({ unit, scale }) => unit === panel.unit && scale === panel.scale)
    .flatMap(({ marks }) => marks.flatMap(({ value }) => [value.q1, value.median, value.q3]))
  return {
    grid: {
      left: sizes.edge + left + GAP,
      right: sizes.edge + right + GAP,
      top,
      height: panel.marks.length * ROW,
    },
    xAxis: {
      gridIndex: index,
      type: panel.scale === 'log' ? 'log' : 'value',
      ...(panel.scale === 'log' ? decades(values) : fromZero(values, 4)),
      axisLabel: {
        color: colours.muted,
        fontSize: sizes.small,
        fontFamily: FONT,
        formatter: tick,
        hideOverlap: true,
      },
      splitLine: { lineStyle: { color: colours.grid } },
    },
    yAxis: {
      gridIndex: index,
      type: 'category',
      inverse: true,
      data: panel.marks.map(({ label }) => label),
      axisTick: { show: false },
      axisLine: { show: panel.scale === 'linear', lineStyle: { color: colours.muted } },
      axisLabel: {
        interval: 0,
        margin: GAP,
        fontSize: sizes.label,
        fontFamily: FONT,
        formatter: (label: string, at: number) =>
          `{${panel.marks[at]!.role === 'untorn' ? 'own' : 'other'}|${label}}`,
        rich: {
          own: { color: colours.text, fontWeight: 'bold', fontSize: sizes.label, fontFamily: FONT },
          other: { color: colours.text, fontSize: sizes.label, fontFamily: FONT },
        },
      },
    },
    series: [marks(panel, index, colours)],
  }
}
