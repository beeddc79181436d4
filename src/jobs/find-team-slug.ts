/** The slug of a team inside the organization that owns the repository; undefined for a team of another one. */
export function findTeamSlug(team: string, owner: string): string | undefined {
  const [organization, slug] = team.includes("/") ? team.split("/", 2) : [owner, team];
  return organization?.toLowerCase() === owner.toLowerCase() ? slug : undefined;
}
