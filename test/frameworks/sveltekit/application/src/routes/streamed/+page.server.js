export const load = ({ locals, fetch }) => {
  locals.session.views = (locals.session.views ?? 0) + 1
  const later = new Promise((done) => setTimeout(done, 30))
  const slow = async () => {
    await later
    await fetch('/inner')
    locals.session.late = true
    return 'streamed'
  }
  return { slow: slow() }
}
