import driver from 'untorn/astro'

// Writes one session of a directory again and again, each time of another length, until it is ended.
const [directory, id] = process.argv.slice(2) as [string, string]
const { setItem } = driver({ directory })
for (let n = 1; ; n++) {
  const text = String(n % 10).repeat(1000 * ((n % 20) + 1))
  await setItem(id, JSON.stringify([['Map', 1, 2], 'text', { data: 3, expires: -1 }, text]))
  if (n === 1) console.log('written')
}
