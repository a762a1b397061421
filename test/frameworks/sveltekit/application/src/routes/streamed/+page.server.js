export const load = ({ locals, fetch, url }) => {
  locals.session.views = (locals.session.views ?? 0) + 1
  const { headHasLeft } = globalThis.untornSites.get(url.host)
  const slow = async () => {
    await headHasLeft
    await fetch('/inner')
    locals.session.late = true
    return 'streamed'
  }
  return { slow: slow() }
}
