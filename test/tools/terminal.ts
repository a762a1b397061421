const ESCAPE = '\u001b'

/** A sequence of a terminal, with its number and letter if it has them; a character that moves; or a text. */
const PIECES = new RegExp(
  `${ESCAPE}\\[(?<number>\\d*)(?<letter>[A-Za-z])|${ESCAPE}\\[\\?\\d+[hl]|${ESCAPE}[78]|\n|\r|[^${ESCAPE}\n\r]+`,
  'g',
)

/**
 * The lines that a terminal of so many columns shows in the end of what was printed to it: with the few sequences that a
 * progress bar needs, and lines that are too long broken as terminals break them.
 */
export function screenOf(printed: string, columns = 80): string[] {
  const rows: string[][] = [[]]
  let [row, column] = [0, 0]
  let saved: [number, number] = [0, 0]
  const down = (): void => {
    row++
    column = 0
    rows[row] ??= []
  }
  for (const { 0: piece, groups } of printed.matchAll(PIECES)) {
    const { number, letter } = groups!
    if (piece === '\n') down()
    else if (piece === '\r') column = 0
    else if (piece === `${ESCAPE}7`) saved = [row, column]
    else if (piece === `${ESCAPE}8`) [row, column] = saved
    else if (letter === 'G') column = Number(number || 1) - 1
    else if (letter === 'K' && number === '2') rows[row] = []
    else if (letter === 'K') rows[row]!.splice(column)
    else if (!piece.startsWith(ESCAPE)) {
      for (const character of piece) {
        if (column === columns) down()
        rows[row]![column++] = character
      }
    }
  }
  return rows.map((characters) =>
    Array.from(characters, (each) => each ?? ' ')
      .join('')
      .trimEnd(),
  )
}
