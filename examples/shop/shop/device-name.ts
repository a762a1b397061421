// The more special one first: Edge says that it is Chrome, and Chrome that it is Safari.
const browsers: readonly Known[] = [
  [/\b(Edg|EdgA|EdgiOS|Edge)\//, 'Edge'],
  [/\b(OPR|OPiOS|Opera)\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|HeadlessChrome|Chromium|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

const systems: readonly Known[] = [
  [/\b(iPhone|iPod)\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

type Known = readonly [sign: RegExp, name: string]

/**
 * "Firefox on Windows", by the header `User-Agent`. The visitor, or a program, may send anything in it: of their text
 * nothing is kept, only words of these lists, so that it is short and says nothing false but the browser's name.
 */
export function deviceName(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, 1000)
  const browser = nameIn(browsers, text) ?? 'A browser'
  const system = nameIn(systems, text)
  return system === undefined ? browser : `${browser} on ${system}`
}

function nameIn(list: readonly Known[], text: string): string | undefined {
  return list.find(([sign]) => sign.test(text))?.[1]
}
