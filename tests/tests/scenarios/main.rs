//! Whole scenarios from wire bytes to verdict, over every dialect and in every home of the consumer, in virtual time.

mod capi;
mod subscriptions;
mod verdicts;

/// Runs every scenario in a [`Home`](ptpwatch_tests::Home).
macro_rules! every_scenario {
    ($home:ty) => {
        every_scenario! { $home =>
            verdicts {
                every_dialect_is_subscribed_and_followed,
                an_outage_is_seen_in_order_however_the_bytes_come,
                every_verdict_comes_in_the_moment_of_its_cause_and_locked_after_three_seconds,
                every_transition_is_told_or_counted,
                a_3_s_link_blip_is_no_freerun_though_the_os_clock_says_so,
                strict_takes_the_os_clock_at_its_word,
                an_os_clock_that_runs_free_by_itself_is_freerun_after_a_moment,
                a_placeholder_is_no_freerun,
                a_producer_that_is_gone_makes_values_old_and_then_unknown,
                a_silent_producer_ends_in_unknown_and_never_in_freerun,
                lost_pushes_are_made_up_for_by_polls,
                starlingx_v1_knows_the_lock_alone,
                producers_that_speak_an_older_form_of_a_dialect_are_followed,
                a_grandmaster_in_long_holdover_is_no_freerun,
                a_standby_card_is_no_freerun_where_any_is_enough,
                an_ntp_node_is_judged_by_its_host_clock,
                a_clock_that_is_stepped_at_the_moment_of_loss_is_followed_at_once,
                a_current_state_that_lags_takes_nothing_back,
                a_current_state_that_hangs_delays_no_push,
                events_that_come_twice_are_one_transition,
                a_class_that_loses_its_interface_makes_no_ghost,
                a_grandmaster_that_loses_gnss_holds_over_and_then_runs_free,
                a_boundary_clock_in_holdover_caps_only_with_a_degraded_class,
                a_connection_is_kept_for_as_long_as_the_producer_keeps_it,
                a_sidecar_that_lives_beside_a_dead_publisher_is_no_news,
                a_notification_ends_the_wait_for_a_producer_that_was_gone,
                a_host_clock_that_is_caught_a_second_after_the_lock_was_no_freerun,
            }
            subscriptions {
                a_producer_that_restarts_is_followed_again_without_help,
                a_consumer_that_cannot_be_reached_still_polls,
                our_subscriptions_are_deleted_on_the_way_out_and_nobody_elses,
                a_consumer_that_starts_again_makes_no_second_subscription,
                a_v1_resource_that_another_endpoint_holds_is_polled_only,
                a_guest_subscribes_only_to_what_nobody_holds,
                a_dialect_is_found_out_by_asking,
                an_upgrade_to_another_dialect_is_followed,
                subscriptions_that_vanish_are_made_again,
                our_own_doubles_are_removed_by_their_ids_and_nobody_elses,
                a_list_of_any_length_is_read_as_it_comes,
                a_publisher_that_forgot_its_sidecar_is_subscribed_to_again,
                a_subscription_of_ours_that_v1_keeps_and_does_not_list_is_left_alone,
                a_subscription_of_another_that_v1_keeps_and_does_not_list_is_polled_only,
                a_subscription_without_an_endpoint_is_somebody_elses,
                a_hidden_subscription_is_made_again_once_the_sidecar_lost_it_though_there_never_was_data,
            }
        }
    };
    ($home:ty => $($room:ident { $($scenario:ident,)* })*) => {
        $($(
            #[test]
            fn $scenario() {
                super::$room::$scenario::<$home>();
            }
        )*)*
    };
}

mod windows {
    every_scenario!(ptpwatch_tests::Direct<'static>);
}

mod embedded_io {
    every_scenario!(ptpwatch_tests::Pipes<4096>);
}

mod embedded_io_in_small_pieces {
    every_scenario!(ptpwatch_tests::Pipes<24>);
}

mod smoltcp {
    every_scenario!(ptpwatch_tests::Ethernet<1024, 512>);
}

mod smoltcp_in_small_pieces {
    every_scenario!(ptpwatch_tests::Ethernet<64, 32>);
}

mod mio {
    every_scenario!(ptpwatch_tests::Loopback);
}

mod libptpwatch {
    every_scenario!(ptpwatch_tests::Windows<crate::capi::Capi>);
}
