// Takes docs/race.png, which the README shows: npm run build && npx tsx --tsconfig tsconfig.run.json scripts/screenshot.ts
import { fileURLToPath } from 'node:url'
import { startShop, temporaryFolder } from '../test/examples/running-shop.ts'
import { launchBrowser } from '../test/support/browser.ts'

const path = fileURLToPath(new URL('../docs/race.png', import.meta.url))
const folder = temporaryFolder()
const shop = await startShop(folder.path)
const browser = await launchBrowser()
try {
  const page = await browser.newPage({
    viewport: { width: 1000, height: 800 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
  })
  await page.goto(`${shop.address}/race`)
  await page.locator('#run').click()
  await page.locator('#run-status').filter({ hasText: 'Done.' }).waitFor()
  const result = await page.locator('#run-result').boundingBox()
  if (!result) throw new Error('The page shows no result.')
  const height = Math.ceil(result.y + result.height)
  await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width: 1000, height } })
} finally {
  await browser.close()
  await shop.stop()
  folder.remove()
}
