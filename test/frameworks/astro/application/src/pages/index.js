/** Sets the values that are asked for, when what it waits for has happened, and shows what there is. */
export async function GET({ session, url }) {
  const set = url.searchParams.getAll('set')
  await session.get('any')
  await globalThis.untornMeanwhile?.(set)
  for (const name of set) session.set(name, 1)
  if (url.searchParams.has('destroy')) session.destroy()
  const found = {}
  for (const name of await session.keys()) found[name] = await session.get(name)
  return Response.json(found)
}
