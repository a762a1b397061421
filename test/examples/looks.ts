import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { textContrasts } from './contrast.ts'

/** Its texts can be read in light and in dark, it fits a phone, and its headings are in order. */
export async function expectGoodLooks(page: Page, { texts: least = 20 } = {}): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const texts = await textContrasts(page)
    expect(texts.length).toBeGreaterThan(least)
    expect(
      texts.filter(({ ratio, wanted }) => ratio < wanted).map((text) => ({ colorScheme, ...text })),
    ).toEqual([])
  }

  await page.setViewportSize({ width: 360, height: 740 })
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  expect(width, 'nothing scrolls sideways').toBe(360)

  const levels = await page.evaluate<number[]>(
    `[...document.querySelectorAll('h1, h2, h3, h4')].map((heading) => Number(heading.tagName[1]))`,
  )
  expect(levels.filter((level) => level === 1)).toEqual([1])
  const skipped = levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1)
  expect(skipped, 'levels that are skipped').toEqual([])
}
