import { format } from 'echarts'
import { FONT } from './theme.ts'

/** Echarts counts with Helvetica. A browser may have a wider font: DejaVu and Verdana are the widest in use. */
const WIDEST = { normal: 1.15, bold: 1.32 }

/** The space that a text needs at most: nothing may hang on where exactly it ends. */
export function widthOf(text: string, size: number, bold = false): number {
  return format.getTextRect(text, `${size}px ${FONT}`).width * (bold ? WIDEST.bold : WIDEST.normal)
}

/** Breaks a text into lines: SVG does not. */
export function wrap(text: string, size: number, width: number, bold = false): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer, size, bold) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}
