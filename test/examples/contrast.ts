import type { Page } from 'playwright-core'

/** Runs in the page: each visible text whose contrast with what is behind it is below WCAG AA. */
const inPage = `(() => {
  const channels = (colour) => {
    const numbers = colour.match(/[\\d.]+/g).map(Number)
    return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 }
  }
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = channels(getComputedStyle(at).backgroundColor)
      if (alpha === 1) return rgb
      if (alpha !== 0) throw new Error('a background that lets others through: ' + at.outerHTML.slice(0, 80))
    }
    throw new Error('the page has no background')
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const seen = []
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    const text = texts.currentNode.data.trim()
    if (!text || !element.checkVisibility() || element.closest('noscript, .unseen')) continue
    const style = getComputedStyle(element)
    const [high, low] = [luminance(channels(style.color).rgb), luminance(behind(element))].sort((a, b) => b - a)
    const size = parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    seen.push({ text: text.slice(0, 40), ratio: (high + 0.05) / (low + 0.05), wanted: large ? 3 : 4.5 })
  }
  return seen
})()`

interface Contrast {
  text: string
  ratio: number
  wanted: number
}

/** The texts of a page with their contrast ratio and the one that WCAG AA wants for their size. */
export function textContrasts(page: Page): Promise<Contrast[]> {
  return page.evaluate<Contrast[]>(inPage)
}
