import type { Figure } from './figure.ts'
import { linePanelHeight } from './lines.ts'
import { rowPanelHeight } from './rows.ts'
import { wrap } from './text.ts'
import { lineHeight, sizes } from './theme.ts'

/** Where everything stands, from top to bottom. */
export interface Layout {
  texts: TextBlock[]
  /** One for each panel. */
  tops: number[]
  height: number
}

export interface TextBlock {
  lines: string[]
  top: number
  style: TextStyle
}

export interface TextStyle {
  size: number
  bold: boolean
  muted: boolean
}

const title: TextStyle = { size: sizes.title, bold: true, muted: false }
const heading: TextStyle = { size: sizes.heading, bold: true, muted: false }
const small: TextStyle = { size: sizes.small, bold: false, muted: true }
const LINE_GAP = 6
const PANEL_GAP = 18

export function layout({ title: what, explanation, panels, caption }: Figure): Layout {
  const texts: TextBlock[] = []
  const tops: number[] = []
  let y: number = sizes.edge
  const write = (text: string, style: TextStyle): void => {
    const lines = wrap(text, style.size, sizes.width - 2 * sizes.edge, style.bold)
    texts.push({ lines, top: y, style })
    y += lines.length * lineHeight(style.size) + LINE_GAP
  }
  write(what, title)
  if (explanation !== '') write(explanation, small)
  for (const panel of panels) {
    y += PANEL_GAP - LINE_GAP
    write(panel.heading, heading)
    tops.push(y)
    y += panel.kind === 'rows' ? rowPanelHeight(panel) : linePanelHeight(panel)
  }
  y += PANEL_GAP - LINE_GAP
  write(caption, small)
  return { texts, tops, height: y - LINE_GAP + sizes.edge }
}
