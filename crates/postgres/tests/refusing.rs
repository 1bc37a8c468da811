//! Which refusals of the database are final, and after which asking again may help.

use postgres::StoreError;
use test_kit::Database;

#[tokio::test]
async fn what_was_rolled_back_for_another_or_for_want_of_room_may_be_asked_again() {
    let database = Database::with(&[]).await;
    let cases = [
        ("40001", true),
        ("40P01", true),
        ("53100", true),
        ("57P01", true),
        ("58030", true),
        ("23505", false),
    ];
    for (code, again) in cases {
        let raised = format!("do $$ begin raise exception using errcode = '{code}'; end $$");
        let error: StoreError = sqlx::raw_sql(sqlx::AssertSqlSafe(raised))
            .execute(database.pool())
            .await
            .expect_err("it is raised")
            .into();
        assert_eq!(matches!(error, StoreError::Unreachable(_)), again, "{code}: {error:?}");
    }
}
