import { type EChartsOption, init } from 'echarts'
import type { Draw, Figure, Theme } from './figure.ts'
import { type Layout, layout, type TextBlock } from './layout.ts'
import { linePanel } from './lines.ts'
import type { PanelOption } from './place.ts'
import { commonOf, rowPanel } from './rows.ts'
import { type Colours, colours, FONT, lineHeight, sizes } from './theme.ts'
import { description } from './words.ts'

export const draw: Draw = (figure, theme) => {
  const places = layout(figure)
  const { width } = sizes
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: places.height })
  try {
    chart.setOption(option(figure, places, theme))
    return accessible(still(chart.renderToSVGString()), figure)
  } finally {
    chart.dispose()
  }
}

function option({ panels }: Figure, { texts, tops }: Layout, theme: Theme): EChartsOption {
  const own = colours[theme]
  const common = commonOf(panels.filter((panel) => panel.kind === 'rows'))
  const drawn = panels.map((panel, index): PanelOption => {
    const place = { top: tops[index]!, index }
    return panel.kind === 'rows' ? rowPanel(panel, place, common, own) : linePanel(panel, place, own)
  })
  return {
    animation: false,
    backgroundColor: own.background,
    graphic: texts.map((block) => textElement(block, own)),
    grid: drawn.map(({ grid }) => grid),
    xAxis: drawn.map(({ xAxis }) => xAxis),
    yAxis: drawn.map(({ yAxis }) => yAxis),
    legend: drawn.flatMap(({ legend }) => legend ?? []),
    series: drawn.flatMap(({ series }) => series),
  }
}

function textElement(
  { lines, top, style: { size, bold, muted } }: TextBlock,
  { text, muted: grey }: Colours,
) {
  const style = {
    text: lines.join('\n'),
    fill: muted ? grey : text,
    font: `${bold ? 'bold ' : ''}${size}px ${FONT}`,
    lineHeight: lineHeight(size),
  }
  return { type: 'text', x: sizes.edge, y: top, style } as const
}

/**
 * Without what only a page with scripts and a pointer would use; and with ids that don't count the pictures drawn
 * before, so that a picture whose figures did not change stays the same file.
 */
function still(svg: string): string {
  return svg
    .replaceAll(/ (?:ecmeta_\w+|class|pointer-events)="[^"]*"/g, '')
    .replace(/<style.*<\/style>\n/s, '')
    .replaceAll(/\bzr\d+-/g, '')
}

/** A screen reader says the title, and the values if asked. */
function accessible(svg: string, figure: Figure): string {
  const words = `<title>${escaped(figure.title)}</title><desc>${escaped(description(figure))}</desc>`
  return `${svg.replace(/^<svg [^>]*/, (tag) => `${tag} role="img"`).replace('>', `>\n${words}`)}\n`
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
